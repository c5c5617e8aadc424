import { type Database, type Outbox, onConflictAgain, type Write } from "@hearth/backplane";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import {
  type ManagedIntegrations,
  type ManagedIntegrationsOperations,
  type OperationTable,
  ServiceError,
} from "@hearth/contract";
import { invalid, notFound } from "../errors.ts";
import type { Place } from "../place.ts";
import type { CiphersOfAccounts } from "./ciphers.ts";
import { createConfigurationStore, type EncryptionConfiguration } from "./configuration-store.ts";
import { type DataKeyStore, PLATFORM_KEY } from "./data-key-store.ts";
import type { KeyService } from "./key-service.ts";
import { reseal } from "./reseal.ts";

const CONSUMER = "managed-reseal";
const DEFAULT = "MANAGED_INTEGRATIONS_DEFAULT_ENCRYPTION";
const CUSTOMER = "CUSTOMER_KEY_ENCRYPTION";
/** What is written under the former key while a pass goes by is found by the next; a device cannot keep this up. */
const PASSES = 20;
/** A trouble of the platform's own is tried again with growing back-off; then somebody should look. */
const ATTEMPTS = 10;

interface Job extends Place {
  revision: number;
}

/** Get- and PutDefaultEncryptionConfiguration, and the walk that follows a switch (reference 13.1). */
export function createEncryptionConfiguration(deps: {
  database: Database;
  outbox: Outbox;
  clock: Clock;
  log: Logger;
  ciphers: CiphersOfAccounts;
  dataKeys: DataKeyStore;
  keys: KeyService;
}): { operations: OperationTable<ManagedIntegrationsOperations> } {
  const { database, outbox, clock, log, ciphers, dataKeys, keys } = deps;
  const configurations = createConfigurationStore(deps);

  async function walk(place: Place): Promise<void> {
    for (let pass = 0; pass < PASSES; pass++) {
      if ((await reseal(database, place, await ciphers.of(place))) === 0) return;
    }
    throw new Error("rows are written under the former key faster than they are sealed again");
  }

  /** The key that was retired last stays for what may still be under way; nothing is under those before it. */
  async function outlived(place: Place): Promise<Write[]> {
    const retired = (await dataKeys.all(place)).filter(({ current }) => !current);
    const [, ...older] = retired.sort((a, b) => b.createdAt - a.createdAt);
    return dataKeys.remove(
      place,
      older.map(({ id }) => id),
    );
  }

  outbox.consume(CONSUMER, async (message, { attempt }) => {
    const job = message as Job;
    const configuration = await configurations.get(job);
    // A later switch has a walk of its own.
    if (configuration?.revision !== job.revision || configuration.state === "ENABLED") return;
    const end = (change: Pick<EncryptionConfiguration, "error" | "state">, others: readonly Write[] = []) =>
      database.commit([configurations.update(configuration, { ...change, updatedAt: clock.now() }), ...others]);
    try {
      await walk(job);
      await end({ state: "ENABLED", error: undefined }, await outlived(job));
      log.info({ accountId: job.accountId, encryptionType: configuration.type }, "encryption switched");
    } catch (error) {
      if (!(error instanceof ServiceError) && attempt < ATTEMPTS) throw error;
      log.error({ accountId: job.accountId, error: messageOf(error) }, "encryption could not be switched");
      await end({ state: "UPDATE_FAILED", error: failureOf(error) });
    }
  });

  /** The key that is to wrap the account's data from now on, usable by the caller and by the service. */
  async function wrappingOf(
    input: ManagedIntegrations.PutDefaultEncryptionConfigurationRequest,
    request: Parameters<
      NonNullable<OperationTable<ManagedIntegrationsOperations>["PutDefaultEncryptionConfiguration"]>["handle"]
    >[1],
  ): Promise<string> {
    const { encryptionType, kmsKeyArn } = input;
    if (encryptionType === DEFAULT) {
      if (kmsKeyArn !== undefined) throw invalid(`kmsKeyArn goes with ${CUSTOMER} only.`);
      return PLATFORM_KEY;
    }
    if (kmsKeyArn === undefined) throw invalid(`${CUSTOMER} needs a kmsKeyArn.`);
    const { accountId, region } = request;
    if (!kmsKeyArn.startsWith(`arn:aws:kms:${region}:${accountId}:key/`)) {
      throw invalid("kmsKeyArn must be the ARN of a key of this account and region.");
    }
    try {
      const { enabled } = await keys.describe({ accountId, region, keyArn: kmsKeyArn }, request.principal);
      if (!enabled) throw invalid(`The KMS key ${kmsKeyArn} is not enabled. EnableKey makes it usable.`);
    } catch (error) {
      if (error instanceof ServiceError && error.name === "NotFoundException") {
        throw notFound("KMSKey", kmsKeyArn, "KMS key not found.");
      }
      throw error;
    }
    return kmsKeyArn;
  }

  return {
    operations: {
      GetDefaultEncryptionConfiguration: {
        async handle(_input, request) {
          return shown(await configurations.get(request));
        },
      },

      PutDefaultEncryptionConfiguration: {
        handle: (input, request) =>
          onConflictAgain(async () => {
            const { accountId, region } = request;
            const place = { accountId, region };
            const before = await configurations.get(place);
            const wrapping = await wrappingOf(input, request);
            const same = (before?.keyArn ?? PLATFORM_KEY) === wrapping;
            if (same && (before?.state ?? "ENABLED") === "ENABLED") return shown(before);
            const after: EncryptionConfiguration = {
              ...place,
              type: input.encryptionType,
              keyArn: input.kmsKeyArn,
              state: "UPDATE_IN_PROGRESS",
              error: undefined,
              revision: (before?.revision ?? 0) + 1,
              updatedAt: request.now,
            };
            const job: Job = { ...place, revision: after.revision };
            await database.commit([
              before ? configurations.update(before, after) : configurations.insert(after),
              dataKeys.retire(place),
              dataKeys.insert(await ciphers.newDataKey(place, wrapping)),
              outbox.write(CONSUMER, `${accountId}/${region}`, job),
            ]);
            ciphers.forget(place);
            outbox.wake();
            return shown(after);
          }),
      },
    },
  };
}

/** The model allows neither spaces nor quotes in a message. */
function failureOf(error: unknown): NonNullable<EncryptionConfiguration["error"]> {
  return {
    code: error instanceof ServiceError ? error.name : "InternalFailureException",
    message: messageOf(error)
      .replace(/[^a-zA-Z0-9\-._,]+/g, "_")
      .slice(0, 1_000),
  };
}

function shown(configuration: EncryptionConfiguration | undefined) {
  if (!configuration) return { encryptionType: DEFAULT, configurationStatus: { state: "ENABLED" } } as const;
  const { type, keyArn, state, error } = configuration;
  return {
    encryptionType: type,
    ...(keyArn === undefined ? {} : { kmsKeyArn: keyArn }),
    configurationStatus: { state, ...(error ? { error } : {}) },
  };
}
