"""Stand in for the agencies: a data.go.kr-style API, a signed push, and files in a drop folder."""
