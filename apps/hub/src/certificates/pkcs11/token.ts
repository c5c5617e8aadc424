import { readFile } from "node:fs/promises";
import type { Pkcs11Location } from "../certificate-handler.ts";

type Pkcs11 = typeof import("pkcs11js");
type Module = InstanceType<Pkcs11["PKCS11"]>;

/** Libraries that this process has loaded; a second C_Initialize would fail, and a C_Finalize end it for others too. */
const loaded = new Map<string, Module>();
const MAX_OBJECTS = 100;

/** A session with a token, in which the user is logged in. */
export interface TokenSession {
  readonly api: Pkcs11;
  readonly module: Module;
  readonly session: Buffer;
  /** Objects of `objectClass` with the label, at most 100. */
  find(objectClass: number, label: string): Buffer[];
  attribute(object: Buffer, type: number): Buffer;
}

/** Runs `use` in a session of its own. Throws with what is wrong: no library, no token of the label, a wrong PIN. */
export async function withToken<T>(location: Pkcs11Location, use: (token: TokenSession) => T): Promise<T> {
  const api = await import("pkcs11js").catch(() => {
    throw new Error("the package pkcs11js is not installed: npm install pkcs11js");
  });
  const pin = (await readFile(location.pinFile, "utf8")).trim();
  const module = open(api, location.library);
  const session = module.C_OpenSession(slotOf(module, location), api.CKF_RW_SESSION | api.CKF_SERIAL_SESSION);
  try {
    unless(api.CKR_USER_ALREADY_LOGGED_IN, () => module.C_Login(session, api.CKU_USER, pin));
    return use({
      api,
      module,
      session,
      find(objectClass, label) {
        const template = [
          { type: api.CKA_CLASS, value: objectClass },
          { type: api.CKA_LABEL, value: label },
        ];
        module.C_FindObjectsInit(session, template);
        try {
          return module.C_FindObjects(session, MAX_OBJECTS);
        } finally {
          module.C_FindObjectsFinal(session);
        }
      },
      attribute: (object, type) => {
        const [found] = module.C_GetAttributeValue(session, object, [{ type }]);
        return found?.value as Buffer;
      },
    });
  } finally {
    module.C_CloseSession(session);
  }
}

function open(api: Pkcs11, library: string): Module {
  const known = loaded.get(library);
  if (known) return known;
  const module = new api.PKCS11();
  module.load(library);
  unless(api.CKR_CRYPTOKI_ALREADY_INITIALIZED, () =>
    // The runtime that speaks TLS uses the library from threads of its own.
    module.C_Initialize({ flags: api.CKF_OS_LOCKING_OK }),
  );
  loaded.set(library, module);
  return module;
}

function slotOf(module: Module, { slot, tokenLabel, library }: Pkcs11Location): Buffer {
  const slots = module.C_GetSlotList(true);
  const found = slots.find((handle) => {
    // A slot's handle is its number, in the machine's own order and size.
    if (slot !== undefined && Number(handle.readBigUInt64LE()) !== slot) return false;
    return tokenLabel === undefined || module.C_GetTokenInfo(handle).label.trim() === tokenLabel;
  });
  if (!found)
    throw new Error(
      `${library} has no token ${tokenLabel ?? ""} in ${slot === undefined ? "any slot" : `slot ${slot}`}`,
    );
  return found;
}

/** Runs, and takes that one return value for success. */
function unless(expected: number, run: () => void): void {
  try {
    run();
  } catch (error) {
    if ((error as { code?: unknown }).code !== expected) throw error;
  }
}
