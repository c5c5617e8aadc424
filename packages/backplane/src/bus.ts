/** What happened, for whoever is interested, now. Not durable: what must survive goes through the outbox. */
export interface Bus {
  /** Within one process: calls every subscriber synchronously, in order of subscription. A subscriber that throws is logged, not rethrown. */
  publish<T>(subject: Subject<T>, message: T): void;
  /** Returns the function that ends the subscription. */
  subscribe<T>(subject: Subject<T>, handler: (message: T) => void): () => void;
}

/** A named, typed channel. Declare each once, in the room that publishes on it. */
export interface Subject<T> {
  readonly name: string;
  /** Carries the type only. */
  readonly message?: T;
}

export const subject = <T>(name: string): Subject<T> => ({ name });
