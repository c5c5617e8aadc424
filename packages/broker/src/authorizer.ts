import { formatArn } from "@hearth/base";
import type { ConnectionIdentity, Permissions } from "./identity.ts";
import type { BrokerLimits, LimitName } from "./limits.ts";
import { topicFault } from "./topic-rules.ts";
import { VerdictCache } from "./verdict-cache.ts";

export interface Verdict {
  allowed: boolean;
  reason: string;
  /** The topic is none, or beyond the limits: `reason` says why. */
  invalid?: true;
  /** The limit that it is beyond. */
  limit?: LimitName;
}

/** A connection's rights, remembered for each topic until they are replaced. */
export class Authorizer {
  #permissions: Permissions;
  readonly #prefix: string;
  /** Made when first needed: most of a fleet's connections are idle. */
  #publish: VerdictCache<Verdict> | undefined;
  #retain: VerdictCache<Verdict> | undefined;
  #receive: VerdictCache<Verdict> | undefined;
  readonly #limits: BrokerLimits;

  constructor(identity: ConnectionIdentity, permissions: Permissions, limits: BrokerLimits) {
    this.#limits = limits;
    this.#permissions = permissions;
    this.#prefix = prefixOf(identity.region, identity.accountId);
  }

  replace(permissions: Permissions): void {
    this.#permissions = permissions;
    this.#publish = undefined;
    this.#retain = undefined;
    this.#receive = undefined;
  }

  get thingName(): string | undefined {
    return this.#permissions.thingName;
  }

  /** `features` are `PersistentConnect` and `LastWill`, as far as asked for (reference 7). */
  connect(clientId: string, features: string[], willTopic: string | undefined): Verdict {
    const context: Record<string, string | string[]> = { "iot:ConnectAttributes": features };
    if (willTopic !== undefined) context["iot:LastWillTopic"] = `${this.#prefix}topic/${willTopic}`;
    return this.#permissions.allows("iot:Connect", `${this.#prefix}client/${clientId}`, context);
  }

  /** Also whether it is a topic to publish to at all, so that a repeated topic is looked at once. */
  publish(topic: string, retain: boolean): Verdict {
    this.#publish ??= new VerdictCache();
    let verdict = this.#publish.get(topic);
    if (verdict === undefined) {
      const fault = topicFault(topic, this.#limits);
      verdict = fault === undefined ? this.#onTopic("iot:Publish", topic) : { ...fault, allowed: false, invalid: true };
      this.#publish.set(topic, verdict);
    }
    return verdict.allowed && retain ? this.#mayRetain(topic) : verdict;
  }

  #mayRetain(topic: string): Verdict {
    this.#retain ??= new VerdictCache();
    let verdict = this.#retain.get(topic);
    if (verdict === undefined) {
      verdict = this.#onTopic("iot:RetainPublish", topic);
      this.#retain.set(topic, verdict);
    }
    return verdict;
  }

  subscribe(filter: string): Verdict {
    return this.#permissions.allows("iot:Subscribe", `${this.#prefix}topicfilter/${filter}`);
  }

  /** Whether a message on the topic may be delivered, and why not. */
  receive(topic: string): Verdict {
    this.#receive ??= new VerdictCache();
    let verdict = this.#receive.get(topic);
    if (verdict === undefined) {
      verdict = this.#onTopic("iot:Receive", topic);
      this.#receive.set(topic, verdict);
    }
    return verdict;
  }

  #onTopic(action: string, topic: string): Verdict {
    return this.#permissions.allows(action, `${this.#prefix}topic/${topic}`);
  }
}

/** The last one made: most connections follow one of the same account, and need not each keep its text. */
let known = { region: "", accountId: "", prefix: "" };

function prefixOf(region: string, accountId: string): string {
  if (known.region !== region || known.accountId !== accountId) {
    known = { region, accountId, prefix: formatArn("iot", region, accountId, "") };
  }
  return known.prefix;
}
