"""What all commands share, so that each of their files holds only what it does.

options     the parser, and each option that more than one command has
limits      what a number that somebody gives may be
run         runs a command's `main`: errors are one line, with their exit status
console     standard output and standard error, whatever they can show
ctrl_c      Ctrl-C before a command has begun
"""
