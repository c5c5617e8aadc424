/** A command that failed for a reason that its message tells. */
export class CommandError extends Error {}
