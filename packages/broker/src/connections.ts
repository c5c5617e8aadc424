import type { Connection } from "./connection.ts";

/** The connections that are alive, found by client id, by certificate and by account. */
export class Connections {
  readonly #all = new Set<Connection>();
  readonly #byAccount = new Map<string, Map<string, Connection>>();
  readonly #byCertificate = new Map<string, Set<Connection>>();

  /** A socket was accepted; its client is not known yet. */
  add(connection: Connection): void {
    this.#all.add(connection);
    const { certificateId } = connection.identity;
    if (certificateId === undefined) return;
    const others = this.#byCertificate.get(certificateId);
    if (others === undefined) this.#byCertificate.set(certificateId, new Set([connection]));
    else others.add(connection);
  }

  remove(connection: Connection): void {
    this.#all.delete(connection);
    const { accountId, certificateId } = connection.identity;
    const clients = this.#byAccount.get(accountId);
    if (clients?.get(connection.clientId) === connection) clients.delete(connection.clientId);
    if (certificateId === undefined) return;
    const others = this.#byCertificate.get(certificateId);
    others?.delete(connection);
    if (others?.size === 0) this.#byCertificate.delete(certificateId);
  }

  /** The connection has become that of its client. */
  open(connection: Connection): void {
    const { accountId } = connection.identity;
    let clients = this.#byAccount.get(accountId);
    if (clients === undefined) {
      clients = new Map();
      this.#byAccount.set(accountId, clients);
    }
    clients.set(connection.clientId, connection);
  }

  client(accountId: string, clientId: string): Connection | undefined {
    return this.#byAccount.get(accountId)?.get(clientId);
  }

  openIn(accountId: string): number {
    return this.#byAccount.get(accountId)?.size ?? 0;
  }

  /** Of any of these certificates; without them, of the whole account. */
  of(accountId: string, certificateIds: readonly string[] | undefined): Connection[] {
    const found =
      certificateIds === undefined
        ? [...this.#all]
        : certificateIds.flatMap((id) => [...(this.#byCertificate.get(id) ?? [])]);
    return found.filter((connection) => connection.identity.accountId === accountId);
  }

  get all(): Connection[] {
    return [...this.#all];
  }
}
