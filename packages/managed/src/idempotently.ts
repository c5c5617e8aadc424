import type { Write } from "@hearth/backplane";
import type { RequestContext } from "@hearth/contract";

/**
 * Runs a create call once for each ClientToken (reference 2, "Idempotency"; U1). A repeat with the same parameters gets
 * the stored answer, one with others ConflictException. Without a token it just runs.
 *
 * `run` puts the writes of `remember(answer)` into the batch that makes its change, so that the answer is remembered
 * exactly when the change was made.
 */
export type Idempotently = <Input extends { ClientToken?: string }, Answer>(
  operation: string,
  input: Input,
  request: RequestContext,
  run: (remember: (answer: Answer) => readonly Write[]) => Promise<Answer>,
) => Promise<Answer>;
