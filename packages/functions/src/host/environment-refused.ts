/** An environment that cannot be made, for a reason that its owner should be told. */
export class EnvironmentRefused extends Error {}
