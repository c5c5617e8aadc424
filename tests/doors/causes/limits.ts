import {
  client,
  goodbye,
  lasting,
  limit,
  publishing,
  type Rows,
  sending,
  subscribeTo,
  subscribing,
  withoutAcknowledging,
} from "./raising.ts";

/** Each limit that something runs into. */
export const limits: Rows = {
  // Limits of one packet or connection.
  packetSize: { world: "sizes", raise: sending("30 ff 7f"), words: limit("packetSize") },
  payload: { world: "sizes", raise: publishing("t", "x".repeat(501)), words: limit("payload") },
  clientId: {
    world: "sizes",
    async raise(world) {
      const ClientId = "c".repeat(51);
      await client(world, ClientId);
      return { ClientId };
    },
    words: limit("clientId"),
  },
  clientPacketSize: {
    world: "sizes",
    raise: async (world, id) => void (await client(world, id, { properties: { maximumPacketSize: 49 } })),
    words: limit("clientPacketSize"),
  },
  slashes: { world: "sizes", raise: subscribing("a/a/a/a/a/a/a"), words: limit("slashes") },
  shareName: { world: "sizes", raise: subscribing("$share/longer/a"), words: limit("shareName") },
  subscriptionsPerPacket: {
    world: "sizes",
    raise: subscribing("a", "b", "c", "d"),
    words: limit("subscriptionsPerPacket"),
  },
  subscriptionsPerConnection: {
    world: "sizes",
    raise: subscribing("a", "b", "c"),
    words: limit("subscriptionsPerConnection"),
  },
  subscriptionBytes: { world: "sizes", raise: subscribing("f".repeat(61)), words: limit("subscriptionBytes") },
  receiveMaximum: {
    world: "sizes",
    async raise(world, id) {
      const one = await client(world, id);
      for (const packetId of [1, 2, 3]) one.publish("t", "x", { qos: 2, packetId });
      await one.end();
    },
    words: limit("receiveMaximum"),
  },
  topicAliases: {
    world: "sizes",
    raise: publishing("t", "x", { properties: { topicAlias: 3 } }),
    words: limit("topicAliases"),
  },
  aliasBytes: {
    world: "sizes",
    raise: publishing("t".repeat(61), "x", { properties: { topicAlias: 1 } }),
    words: limit("aliasBytes"),
  },
  contentType: {
    world: "sizes",
    raise: publishing("t", "x", { properties: { contentType: "longer" } }),
    words: limit("contentType"),
  },
  correlationData: {
    world: "sizes",
    raise: publishing("t", "x", { properties: { correlationData: Buffer.from("longer") } }),
    words: limit("correlationData"),
  },
  userProperties: {
    world: "sizes",
    raise: publishing("t", "x", { properties: { userProperties: [["longer", "longer"]] } }),
    words: limit("userProperties"),
  },
  retainedBytes: {
    world: "sizes",
    raise: publishing("kept", "x".repeat(400), { retain: true }),
    words: limit("retainedBytes"),
  },
  retainedMessages: {
    world: "sizes",
    async raise(world, id) {
      const one = await client(world, id);
      for (const topic of ["kept", "kept/too"]) one.publish(topic, "x", { retain: true });
      await one.settle();
    },
    words: limit("retainedMessages"),
  },

  // Limits of an account, and of a second.
  connectionsPerAccount: {
    world: "rates",
    async raise(world, id) {
      for (const other of ["one", "two", "three"]) await client(world, other);
      world.clock.advance(1_000);
      await client(world, id);
    },
    words: limit("connectionsPerAccount"),
  },
  connectsPerSecond: {
    world: "rates",
    async raise(world, id) {
      for (const other of ["one", "two", "three"]) await goodbye(await client(world, other));
      await client(world, id);
    },
    words: limit("connectsPerSecond"),
  },
  connectsPerSecondPerClient: {
    world: "rates",
    async raise(world, id) {
      for (let i = 0; i < 3; i++) await client(world, id);
    },
    words: limit("connectsPerSecondPerClient"),
  },
  durableSessions: {
    world: "rates",
    async raise(world, id) {
      await client(world, "kept", { properties: { sessionExpiryInterval: 1 } });
      await client(world, id, lasting);
    },
    words: limit("durableSessions"),
  },
  subscriptionsPerSecond: {
    world: "rates",
    async raise(world, id) {
      const one = await client(world, id);
      for (let i = 0; i < 5; i++) await one.subscribe("same");
    },
    words: limit("subscriptionsPerSecond"),
  },
  subscriptionsPerAccount: {
    world: "rates",
    raise: subscribing("a", "b", "c", "d"),
    words: limit("subscriptionsPerAccount"),
  },
  shareGroups: { world: "rates", raise: subscribing("$share/g/a", "$share/h/a"), words: limit("shareGroups") },
  shareMembers: {
    world: "rates",
    async raise(world, id) {
      await (await client(world, "member")).subscribe("$share/g/a");
      await (await client(world, id)).subscribe("$share/g/a");
    },
    words: limit("shareMembers"),
  },
  retainedPerSecondPerTopic: {
    world: "rates",
    async raise(world, id) {
      const one = await client(world, id);
      for (let i = 0; i < 2; i++) one.publish("kept", "x", { retain: true });
      await one.settle();
    },
    words: limit("retainedPerSecondPerTopic"),
  },
  retainedPerSecond: {
    world: "rates",
    async raise(world, id) {
      const one = await client(world, id);
      for (let i = 0; i < 3; i++) one.publish(`kept/${i}`, "x", { retain: true });
      await one.settle();
    },
    words: limit("retainedPerSecond"),
  },
  publishesPerSecond: {
    world: "rates",
    async raise(world, id) {
      const one = await client(world, id);
      for (let i = 0; i < 6; i++) one.publish("t", "x");
      await one.settle();
    },
    words: limit("publishesPerSecond"),
  },
  inboundPerSecond: {
    world: "rates",
    async raise(world, id) {
      const [other, one] = [await client(world, "other"), await client(world, id)];
      for (let i = 0; i < 5; i++) other.publish("t", "x");
      await other.settle();
      for (let i = 0; i < 3; i++) one.publish("t", "x");
      await one.settle();
    },
    words: limit("inboundPerSecond"),
  },
  bytesPerSecond: { world: "rates", raise: publishing("t", "x".repeat(3_000)), words: limit("bytesPerSecond") },
  queuedPerSecond: {
    world: "rates",
    async raise(world, id) {
      const one = await client(world, id, { properties: { sessionExpiryInterval: 1 } });
      await one.subscribe("queue");
      await goodbye(one);
      const other = await client(world, "filler");
      for (let i = 0; i < 2; i++) await other.publishAcknowledged("queue", "x");
    },
    words: limit("queuedPerSecond"),
  },
  unacknowledged3: { raise: withoutAcknowledging(4, 20), words: limit("unacknowledged3") },
  unacknowledged5: { raise: withoutAcknowledging(5, 10), words: limit("unacknowledged5") },
  qos2: {
    world: "rates",
    raise: publishing("t", "x", { qos: 2, packetId: 1 }),
    words: /QoS 2 is not supported: the limit qos2 is false/,
  },
  subscriptionIdentifiers: {
    world: "rates",
    async raise(world, id) {
      const one = await client(world, id);
      one.send({ ...subscribeTo("a"), properties: { subscriptionIdentifiers: [1] } });
      await one.end();
    },
    words: /the limit subscriptionIdentifiers is false/,
  },
};
