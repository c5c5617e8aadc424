/** A further HTTPS listener, beside those that always are. */
export interface NamedListener {
  /** In denials, in `hearth.json`, and the condition key `hearth:Listener`. */
  name: string;
  port: number;
  /** Undefined: where the other TLS ports listen. */
  bind: string | undefined;
  /** A policy document that its requests must satisfy as well; undefined: whatever their callers may. */
  policyFile: string | undefined;
  /** Only TLS versions, suites, curves and signatures that FIPS 140-3 approves. */
  fips: boolean;
}

const FORM = 'a list of listeners such as [{"name": "private", "port": 9443, "policyFile": "private.json"}]';
const MOST = 16;
/** The words for the listeners that always are. */
const TAKEN = ["api", "https", "mqtts", "tls"];

/**
 * Reads the setting `listeners`, in the environment as JSON.
 * @throws Error that says in one line what it must be
 */
export function readNamedListeners(value: unknown): readonly NamedListener[] {
  const given = typeof value === "string" ? parse(value) : value;
  if (!Array.isArray(given) || given.length > MOST) throw new Error(`must be ${FORM}, at most ${MOST}`);
  const listeners = given.map(readOne);
  const names = listeners.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`has two listeners with the name ${twice}`);
  return listeners;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`must be JSON: ${FORM}`);
  }
}

const KEYS = ["name", "port", "bind", "policyFile", "fips"];

function readOne(value: unknown): NamedListener {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Error(`must be ${FORM}`);
  const { name, port, bind, policyFile, fips = false, ...rest } = value as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) {
    throw new Error(`has a listener with the unknown key "${unknown.slice(0, 64)}"; the keys are ${KEYS.join(", ")}`);
  }
  if (typeof name !== "string" || !/^[a-z][a-z0-9-]{0,31}$/.test(name) || TAKEN.includes(name)) {
    throw new Error(`must give each listener a name of small letters, digits and -, other than ${TAKEN.join(", ")}`);
  }
  if (typeof port !== "number" || !Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`must give the listener ${name} a port from 0 to 65535`);
  }
  if (bind !== undefined && (typeof bind !== "string" || !/^[0-9A-Za-z.:-]{1,253}$/.test(bind))) {
    throw new Error(`must give the listener ${name} an address to bind such as 127.0.0.1, or none`);
  }
  if (policyFile !== undefined && (typeof policyFile !== "string" || policyFile === "")) {
    throw new Error(`must give the listener ${name} the path of a policy document, or none`);
  }
  if (typeof fips !== "boolean") throw new Error(`must have true or false for fips of the listener ${name}`);
  return { name, port, bind, policyFile, fips };
}
