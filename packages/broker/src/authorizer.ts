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
  readonly #publish = new VerdictCache<Verdict>();
  readonly #retain = new VerdictCache<Verdict>();
  readonly #receive = new VerdictCache<Verdict>();
  readonly #limits: BrokerLimits;
  readonly #decidePublish = (topic: string): Verdict => {
    const fault = topicFault(topic, this.#limits);
    return fault === undefined ? this.#onTopic("iot:Publish", topic) : { ...fault, allowed: false, invalid: true };
  };
  readonly #decideRetain = (topic: string) => this.#onTopic("iot:RetainPublish", topic);
  readonly #decideReceive = (topic: string) => this.#onTopic("iot:Receive", topic);

  constructor(identity: ConnectionIdentity, permissions: Permissions, limits: BrokerLimits) {
    this.#limits = limits;
    this.#permissions = permissions;
    this.#prefix = formatArn("iot", identity.region, identity.accountId, "");
  }

  replace(permissions: Permissions): void {
    this.#permissions = permissions;
    this.#publish.clear();
    this.#retain.clear();
    this.#receive.clear();
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
    const verdict = this.#publish.get(topic, this.#decidePublish);
    return verdict.allowed && retain ? this.#retain.get(topic, this.#decideRetain) : verdict;
  }

  subscribe(filter: string): Verdict {
    return this.#permissions.allows("iot:Subscribe", `${this.#prefix}topicfilter/${filter}`);
  }

  mayReceive(topic: string): boolean {
    return this.#receive.get(topic, this.#decideReceive).allowed;
  }

  receiveDenial(topic: string): string {
    return this.#receive.get(topic, this.#decideReceive).reason;
  }

  #onTopic(action: string, topic: string): Verdict {
    return this.#permissions.allows(action, `${this.#prefix}topic/${topic}`);
  }
}
