import type { Owned, Owner, Ownership } from "@hearth/backplane";
import type { ConnectionDescription, DirectOutcome, Message } from "@hearth/iot";
import { Reason } from "@hearth/mqtt";
import type { Connection } from "./connection.ts";
import { wordsForEnd } from "./connection-words.ts";
import { describeConnection } from "./device-connections.ts";
import { sessionKey } from "./session.ts";

/** Who wants a client's session: a newer connection of the client, or an operation that ends what there is. */
export type SessionClaimant =
  | { by: "client"; sourceIp: string; principalId: string }
  | { by: "operation"; withoutWill: boolean };

/** A connection that was ended because its session was claimed. */
export interface EndedConnection {
  sourceIp: string;
}

export type SessionQuestion = { ask: "describe" } | { ask: "direct"; message: Message; timeout: number };

export interface SessionAnswer {
  description?: ConnectionDescription;
  outcome?: DirectOutcome;
}

/** The sessions of clients: the key is `sessionKey`, the owner a connection, or an operation for as long as it lasts. */
export type SessionOwnership = Ownership<SessionClaimant, EndedConnection, SessionQuestion, SessionAnswer>;

/** A connection as the owner of its client's session, from before the session is opened until its end is stored. */
export class SessionOwner implements Owner<SessionClaimant, SessionQuestion, SessionAnswer> {
  readonly #connection: Connection;
  #owned: Owned<EndedConnection> | undefined;
  #next: SessionClaimant | undefined;
  #ended: EndedConnection | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get claimant(): SessionClaimant {
    const { sourceIp, principalId } = this.#connection.identity;
    return { by: "client", sourceIp, principalId };
  }

  /** Resolves when the session is the connection's to open, with the connection that was ended for it. */
  async claim(): Promise<EndedConnection | undefined> {
    const { context, identity, clientId } = this.#connection;
    this.#owned = await context.ownership.claim(sessionKey(identity.accountId, clientId), this);
    return this.#owned.before;
  }

  release(): void {
    this.#owned?.release(this.#ended);
  }

  yieldTo(next: SessionClaimant): void {
    this.#next = next;
    this.opened();
  }

  /** To be called when CONNACK is on its way: whoever has claimed the session meanwhile may have it now. */
  opened(): void {
    if (this.#next === undefined || this.#connection.state !== "open") return;
    this.#ended = { sourceIp: this.#connection.identity.sourceIp };
    if (this.#next.by === "client") takenOver(this.#connection, this.#next);
    else endedByOperation(this.#connection, this.#next);
  }

  async answer(question: SessionQuestion): Promise<SessionAnswer | undefined> {
    const connection = this.#connection;
    if (connection.state !== "open") return undefined;
    if (question.ask === "describe") return { description: describeConnection(connection) };
    return { outcome: await connection.context.sendDirect(connection, question.message, question.timeout) };
  }
}

/** [MQTT-3.1.4-3] */
function takenOver(connection: Connection, next: SessionClaimant & { by: "client" }): void {
  const { context, identity } = connection;
  const another = next.principalId === identity.principalId ? "the same principal" : `principal ${next.principalId}`;
  context.metrics.takeovers += 1;
  connection.close({
    reason: "DUPLICATE_CLIENTID",
    code: Reason.SessionTakenOver,
    why: `taken over by a newer connection with this client id, from ${next.sourceIp} as ${another}; two devices that share a client id end each other's connections`,
  });
}

function endedByOperation(connection: Connection, { withoutWill }: SessionClaimant & { by: "operation" }): void {
  const reason = "API_INITIATED_DISCONNECT";
  connection.note({ eventType: "DeleteConnection", status: "Success", cause: reason, reason: wordsForEnd(reason) });
  connection.close({ reason, code: Reason.AdministrativeAction, withoutWill });
}
