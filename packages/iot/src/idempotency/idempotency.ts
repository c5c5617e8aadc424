import type { Database, Sealer, Write } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import { type RequestContext, ServiceError } from "@hearth/contract";
import { type Place, placeOf } from "../storage/place.ts";

/**
 * Answers by client token, so that a repeated create call gets what the first one got, secrets included. An answer is
 * remembered in the batch that makes the change, sealed, for 24 hours.
 */
export interface Idempotency {
  /**
   * The answer that was remembered for this token. Throws `ConflictException` when the token came with another
   * request.
   */
  find(call: Call): Promise<unknown>;
  /** Rejects the batch with `UniqueViolation` when another call with this token was first. */
  remember(call: Call, answer: unknown): Write[];
  /** To be put before `remember` when what was remembered is of no use any more. */
  forget(call: Call): Write;
  /**
   * Runs a create call once for each `ClientToken`; without a token it just runs. `run` puts the writes of
   * `remember(answer)` into the batch that makes its change. Of concurrent calls with one token one runs to its end
   * and the others get its answer.
   */
  idempotently<Input extends { ClientToken?: string }, Answer>(
    operation: string,
    input: Input,
    request: Pick<RequestContext, "accountId" | "region">,
    run: (remember: (answer: Answer) => readonly Write[]) => Promise<Answer>,
  ): Promise<Answer>;
}

export interface Call {
  at: Place;
  operation: string;
  clientToken: string;
  /** What else was asked for, without the token: a repeat has the same. */
  request: unknown;
}

export interface IdempotencyDeps {
  database: Database;
  sealer: Sealer;
  clock: Clock;
}

const REMEMBERED = 24 * 3_600_000;
const ANSWER = "iot.idempotent-answer";
const REQUEST = "iot.idempotent-request";
const KEY = "account_id = ? AND region = ? AND operation = ? AND client_token = ?";

export function createIdempotency({ database, sealer, clock }: IdempotencyDeps): Idempotency {
  const keyOf = (call: Call) => [...placeOf(call.at), call.operation, call.clientToken] as const;
  const hashOf = (call: Call): string => sealer.hash(canonicalJson(call.request), REQUEST);

  async function find(call: Call): Promise<unknown> {
    const [row] = await database.query<{ request_hash: string; answer: Uint8Array }>(
      `SELECT request_hash, answer FROM iot_idempotency WHERE ${KEY} AND expires_at > ?`,
      [...keyOf(call), clock.now()],
    );
    if (!row) return undefined;
    if (row.request_hash !== hashOf(call)) {
      throw new ServiceError("ConflictException", "The client token was used for a request with other parameters.");
    }
    return JSON.parse(sealer.openText(row.answer, ANSWER));
  }

  function remember(call: Call, answer: unknown): Write[] {
    const now = clock.now();
    return [
      { sql: "DELETE FROM iot_idempotency WHERE expires_at <= ?", params: [now] },
      {
        sql: `INSERT INTO iot_idempotency
                (account_id, region, operation, client_token, request_hash, answer, expires_at)
              VALUES (?, ?, ?, ?, ?, ?, ?)`,
        params: [...keyOf(call), hashOf(call), sealer.seal(JSON.stringify(answer), ANSWER), now + REMEMBERED],
      },
    ];
  }

  return {
    find,
    remember,
    forget: (call) => ({ sql: `DELETE FROM iot_idempotency WHERE ${KEY}`, params: [...keyOf(call)] }),

    async idempotently<Input extends { ClientToken?: string }, Answer>(
      operation: string,
      input: Input,
      at: Place,
      run: (remember: (answer: Answer) => readonly Write[]) => Promise<Answer>,
    ): Promise<Answer> {
      const { ClientToken: clientToken, ...request } = input;
      if (clientToken === undefined) return run(() => []);
      const call = { at, operation, clientToken, request };
      const known = await find(call);
      if (known !== undefined) return known as Answer;
      try {
        return await run((answer) => remember(call, answer));
      } catch (error) {
        // Whatever it failed on may come of a call with the same token having been first.
        const first = await find(call);
        if (first !== undefined) return first as Answer;
        throw error;
      }
    },
  };
}

/** JSON with sorted members, so that equal requests have equal texts. Members that are undefined do not count. */
export function canonicalJson(value: unknown): string {
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString("base64"));
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}
