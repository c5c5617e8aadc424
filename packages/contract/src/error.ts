/**
 * An error that the contract models. The domain throws it by its modelled name; the doors look up its status and
 * members in the contract and put it on the wire. A name that the operation does not declare is a defect that
 * the doors report as a 500.
 */
export class ServiceError extends Error {
  /** Further members of the error structure, by their modelled names (`ResourceId`, `resourceArn`, ...). */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(name: string, message: string, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = name;
    this.members = members;
  }
}
