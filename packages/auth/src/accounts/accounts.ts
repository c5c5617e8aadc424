import { type Bus, type Database, UniqueViolation } from "@hearth/backplane";
import { type Clock, randomText } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { AccessKeyStore } from "../access-keys/access-key-store.ts";
import { identitiesChanged } from "../identity-cache.ts";
import type { Account, AccountStore } from "./account-store.ts";

export interface RootAccount {
  accountId: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

export interface Accounts {
  /**
   * Creates the installation's own account with its root access key, or returns what is there. A root key that was
   * deleted or deactivated is replaced; the account's region follows the configuration.
   */
  ensureRootAccount(wanted: { accountId: string; region: string }): Promise<RootAccount>;
  /** Throws `ConflictException` for an id that is taken. */
  createAccount(wanted: { accountId?: string; name?: string; region: string }): Promise<RootAccount & Account>;
}

export interface AccountsDeps {
  database: Database;
  accounts: AccountStore;
  accessKeys: AccessKeyStore;
  clock: Clock;
  bus: Bus;
}

export function createAccounts({ database, accounts, accessKeys, clock, bus }: AccountsDeps): Accounts {
  async function insert(account: Account): Promise<RootAccount & Account> {
    const { accountId } = account;
    const { write, ...key } = accessKeys.create(accountId, accountId, account.createdAt);
    await database.commit([accounts.insert(account), write]);
    return { ...account, ...key };
  }

  async function existing(account: Account, region: string): Promise<RootAccount> {
    const { accountId } = account;
    const writes = account.region === region ? [] : [accounts.setRegion(accountId, region)];
    const keys = await accessKeys.list(accountId, accountId);
    const active = keys.find((key) => key.status === "Active");
    if (active && writes.length === 0) {
      return { accountId, region, accessKeyId: active.accessKeyId, secretAccessKey: active.secret() };
    }
    if (active) {
      await database.commit(writes);
      bus.publish(identitiesChanged, { accountId });
      return { accountId, region, accessKeyId: active.accessKeyId, secretAccessKey: active.secret() };
    }
    const { write, ...key } = accessKeys.create(accountId, accountId, clock.now());
    await database.commit([...writes, write]);
    bus.publish(identitiesChanged, { accountId });
    return { accountId, region, ...key };
  }

  return {
    async ensureRootAccount({ accountId, region }) {
      const found = await accounts.find(accountId);
      if (found) return existing(found, region);
      const { accessKeyId, secretAccessKey } = await insert({ accountId, region, createdAt: clock.now() });
      return { accountId, region, accessKeyId, secretAccessKey };
    },
    async createAccount({ accountId, name, region }) {
      for (;;) {
        const id = accountId ?? randomText(12, "0123456789");
        try {
          return await insert({ accountId: id, region, ...(name !== undefined && { name }), createdAt: clock.now() });
        } catch (error) {
          if (!(error instanceof UniqueViolation)) throw error;
          if (accountId !== undefined) throw new ServiceError("ConflictException", `The account ${id} exists already.`);
        }
      }
    },
  };
}
