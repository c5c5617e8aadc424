import type { Write } from "@hearth/backplane";

/** Writes that somebody else commits within a batch of their own, and what to say once they are durable. */
export interface Planned {
  writes: readonly Write[];
  /** To be called when the batch is durable: tells the doors and whoever keeps copies. */
  committed(): void;
}
