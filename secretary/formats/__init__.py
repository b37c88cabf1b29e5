"""How Django itself writes days and instants, in the administration above all: in the one form of the site
(secretary/kernel/korean/korean.py), but for noon and midnight. What can be entered stays as Django has it."""
