import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { checkUser, OptionsError, type VendorUser } from "./options.ts";

const derive = promisify(scrypt) as (password: string, salt: Buffer, length: number) => Promise<Buffer>;

/** Each derivation takes 16 MiB: more at once than this are turned away. */
const MAX_CHECKS = 8;

export interface Account {
  id: string;
  name: string;
}

export type Users = ReturnType<typeof createUsers>;

/** The users and the hashes of their passwords. */
export function createUsers() {
  const byId = new Map<string, Account>();
  const byName = new Map<string, { account: Account; salt: Buffer; hash: Buffer }>();
  const nobody = { salt: randomBytes(16), hash: randomBytes(32) };
  let checking = 0;

  return {
    async add(given: VendorUser): Promise<Account> {
      const { id, name, password } = checkUser(given);
      const taken = () => byName.has(name) || byId.has(id);
      if (taken()) throw new OptionsError(`there is a user ${name} already, or one with the id ${id}`);
      const salt = randomBytes(16);
      const hash = await derive(password, salt, 32);
      if (taken()) throw new OptionsError(`there is a user ${name} already, or one with the id ${id}`);
      const account = { id, name };
      byId.set(id, account);
      byName.set(name, { account, salt, hash });
      return account;
    },
    find: (id: string): Account | undefined => byId.get(id),
    /**
     * The user of that name and password; "busy" when too many are signing in. An unknown name takes as long as a
     * wrong password does.
     */
    async check(name: string, password: string): Promise<Account | "busy" | undefined> {
      if (checking >= MAX_CHECKS) return "busy";
      checking += 1;
      try {
        const user = byName.get(name);
        const { salt, hash } = user ?? nobody;
        const same = timingSafeEqual(await derive(password.slice(0, 128), salt, 32), hash);
        return same ? user?.account : undefined;
      } finally {
        checking -= 1;
      }
    },
  };
}
