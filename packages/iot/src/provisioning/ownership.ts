import { randomBytes } from "node:crypto";
import { type Database, onConflictAgain, type Sealer, type Timers, type Write } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import type { IssuedCertificate } from "../credentials/certificate-authority.ts";
import { readCertificate } from "../credentials/certificate-store.ts";
import type { Certificates } from "../credentials/certificates.ts";
import type { Idempotency } from "../idempotency/idempotency.ts";
import type { Place } from "../storage/place.ts";
import { expireToken, insertToken } from "./ownership-store.ts";

/** Certificates handed out to whoever holds a claim, inactive until the device has been provisioned (reference 6). */
export interface Ownership {
  /**
   * A certificate with its key. A repeat with the same client token from the same principal gets the same answer for
   * 24 hours, as long as the certificate exists; so the token must be a secret of the device.
   */
  createWithKey(
    at: Place,
    principalId: string,
    /** Who waits for the key: keys are made for each in turn. */
    who: string,
    clientToken?: string,
  ): Promise<OwnedCertificate & { privateKey: string }>;
  /** Throws `InvalidRequestException`. */
  createFromRequest(at: Place, principalId: string, requestPem: string): Promise<OwnedCertificate>;
  hashOf(token: string): string;
}

export interface OwnedCertificate {
  certificateId: string;
  certificatePem: string;
  certificateOwnershipToken: string;
}

export interface OwnershipDeps {
  database: Database;
  sealer: Sealer;
  timers: Timers;
  clock: Clock;
  certificates: Certificates;
  idempotency: Idempotency;
}

const LIFE = 3_600_000;
const TIMER = "iot.ownership-token";
const TOKEN = "iot.ownership-token";

export function createOwnership(deps: OwnershipDeps): Ownership {
  const { database, sealer, timers, clock, certificates, idempotency } = deps;
  const hashOf = (token: string): string => sealer.hash(token, TOKEN);

  timers.handle(TIMER, async (tokenHash, payload) => {
    const { accountId, region, certificateId } = payload as Place & { certificateId: string };
    return expireToken({ accountId, region }, tokenHash, certificateId);
  });

  function own(
    at: Place,
    issued: IssuedCertificate,
    principalId: string,
  ): { owned: OwnedCertificate; writes: Write[] } {
    const { certificateId, certificatePem } = issued;
    const certificateOwnershipToken = randomBytes(48).toString("base64url");
    const tokenHash = hashOf(certificateOwnershipToken);
    const expiresAt = clock.now() + LIFE;
    const payload = { accountId: at.accountId, region: at.region, certificateId };
    return {
      owned: { certificateId, certificatePem, certificateOwnershipToken },
      writes: [
        certificates.insert(at, issued, "PENDING_ACTIVATION"),
        insertToken(at, { tokenHash, certificateId, claimPrincipalId: principalId, expiresAt }),
        timers.arm(TIMER, tokenHash, expiresAt, payload),
      ],
    };
  }

  async function commit(writes: readonly Write[]): Promise<void> {
    await database.commit(writes);
    timers.wake();
  }

  async function makeWithKey(at: Place, principalId: string, who: string) {
    const { issued, keyPair } = await certificates.issueWithKey(who);
    const { owned, writes } = own(at, issued, principalId);
    return { answer: { ...owned, privateKey: keyPair.privateKey }, writes };
  }

  return {
    hashOf,

    createWithKey(at, principalId, who, clientToken) {
      if (clientToken === undefined) {
        return makeWithKey(at, principalId, who).then(async ({ answer, writes }) => {
          await commit(writes);
          return answer;
        });
      }
      const call = {
        at,
        operation: "$aws/certificates/create",
        clientToken: `${principalId}/${clientToken}`,
        request: null,
      };
      return onConflictAgain(async () => {
        const known = (await idempotency.find(call)) as (OwnedCertificate & { privateKey: string }) | undefined;
        // One that expired unused is of no use to the device any more.
        if (known && (await readCertificate(database, at, known.certificateId))) return known;
        const { answer, writes } = await makeWithKey(at, principalId, who);
        await commit([...writes, ...(known ? [idempotency.forget(call)] : []), ...idempotency.remember(call, answer)]);
        return answer;
      });
    },

    async createFromRequest(at, principalId, requestPem) {
      const { owned, writes } = own(at, await certificates.issueFromRequest(requestPem), principalId);
      await commit(writes);
      return owned;
    },
  };
}
