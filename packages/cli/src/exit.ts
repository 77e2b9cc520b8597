/** The exit codes of the process, the same for every command. */
export const EXIT = { good: 0, bad: 1, misused: 2, undecided: 3 } as const;
