import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { type Database, type Outbox, type Sealer, UniqueViolation, type Write } from "@hearth/backplane";
import { type Clock, InternalError } from "@hearth/base";
import type { HubConfigurationStore } from "../hub-configuration/hub-configuration-store.ts";
import type { Messaging } from "../iot-room.ts";
import type { Place } from "../place.ts";
import type { ManagedThing } from "../things/managed-thing.ts";
import type { ThingStore } from "../things/thing-store.ts";
import { tokenMessage } from "./hub-messages.ts";

/** While the account has no hub configuration: a day. */
const DEFAULT_SECONDS = 86_400;
/** Hubs that are read at a time. */
const PAGE = 200;
const CONSUMER = "hub-token";
const SEALED = "managed.hub-token-key";

export type HubTokens = ReturnType<typeof createHubTokens>;

/**
 * Local tokens (reference 10.8, U34): the grant by which a hub may run local commands for so many seconds after it was last
 * in touch. A JWS (RFC 7515, compact; EdDSA, RFC 8037) with the claims `iss`, `sub` (the hub), `iat` and `seconds`.
 */
export function createHubTokens(deps: {
  database: Database;
  sealer: Sealer;
  outbox: Outbox;
  clock: Clock;
  messaging: Pick<Messaging, "direct">;
  things: Pick<ThingStore, "connectedHubs">;
  hubConfigurations: HubConfigurationStore;
  endpointOf(at: { accountId: string; region: string }): string;
}) {
  const { database, sealer, outbox, clock, messaging, things, hubConfigurations, endpointOf } = deps;
  let key: Promise<{ privateKey: KeyObject; publicPem: string }> | undefined;

  const stored = () =>
    database.query<{ private_key: Uint8Array }>("SELECT private_key FROM hub_token_key WHERE id = 1");

  /** The platform's, made when it is needed first. */
  async function loadKey() {
    let [row] = await stored();
    if (!row) {
      const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
      try {
        await database.commit([
          {
            sql: "INSERT INTO hub_token_key (id, private_key, created_at) VALUES (1, ?, ?)",
            params: [sealer.seal(String(pem), SEALED), clock.now()],
          },
        ]);
      } catch (error) {
        // Another server on the same database was first.
        if (!(error instanceof UniqueViolation)) throw error;
      }
      [row] = await stored();
    }
    if (!row) throw new InternalError("the key of local tokens was not stored");
    const privateKey = createPrivateKey(sealer.openText(row.private_key, SEALED));
    return { privateKey, publicPem: String(createPublicKey(privateKey).export({ type: "spki", format: "pem" })) };
  }

  const keyOnce = () => {
    key ??= loadKey().catch((error: unknown) => {
      key = undefined;
      throw error;
    });
    return key;
  };

  const secondsOf = async (place: Place) => (await hubConfigurations.get(place))?.seconds ?? DEFAULT_SECONDS;

  async function give(hub: Pick<ManagedThing, "accountId" | "region" | "id">, seconds: number): Promise<void> {
    const { privateKey, publicPem } = await keyOnce();
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
    const iat = Math.floor(clock.now() / 1000);
    const { accountId, region, id: sub } = hub;
    const claims = { iss: endpointOf({ accountId, region }), sub, iat, seconds };
    const signed = `${encode({ alg: "EdDSA", typ: "JWT" })}.${encode(claims)}`;
    const token = `${signed}.${sign(null, Buffer.from(signed), privateKey).toString("base64url")}`;
    messaging.direct(hub.id, tokenMessage(hub, { token, seconds, key: publicPem }, clock.now()));
  }

  outbox.consume(CONSUMER, async (message) => {
    const { accountId, region } = message as Place;
    const place = { accountId, region };
    const seconds = await secondsOf(place);
    for (let after: string | undefined = ""; after !== undefined; ) {
      const hubs: ManagedThing[] = await things.connectedHubs(place, after, PAGE);
      for (const hub of hubs) await give(hub, seconds);
      after = hubs.length < PAGE ? undefined : hubs.at(-1)?.id;
    }
  });

  return {
    /** To a hub that is ACTIVATED and connected. */
    give: async (hub: ManagedThing): Promise<void> => give(hub, await secondsOf(hub)),

    /** For the batch that changes the account's hub configuration: every connected hub gets a token by it. */
    renewed: ({ accountId, region }: Place): Write =>
      outbox.write(CONSUMER, `${accountId}/${region}`, { accountId, region }),
  };
}
