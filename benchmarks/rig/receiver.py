"""Run the product's own receiver with the counters around it."""

from secretary.receiver import main

if __name__ == "__main__":
    from benchmarks.rig.counting import install

    install()
    main()
