import { DELIVERY_MS } from "../notifications/notifier.ts";
import type { Delivery } from "../notifications/target.ts";
import type { TargetDetails } from "./target-store.ts";

export interface JetStream {
  put(details: TargetDetails, delivery: Delivery): Promise<void>;
  close(): Promise<void>;
}

/**
 * Publishes records to NATS JetStream and waits for its acknowledgement; the message id lets the stream drop repetitions.
 * The servers are the operator's to name, customers name the subject alone. `url`: `nats://host:port`, several with commas.
 */
export function createJetStream(url: string): JetStream {
  let opened: Promise<Opened> | undefined;

  const open = (): Promise<Opened> => {
    // Its package is read by installations that have a NATS server.
    opened ??= connect(url).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };

  return {
    async put(details, delivery) {
      const { jetstream } = await open();
      await jetstream.publish(details.subject ?? "", delivery.data, {
        msgID: delivery.messageId,
        timeout: DELIVERY_MS,
      });
    },

    async close() {
      const connection = await opened?.catch(() => undefined);
      await connection?.close();
    },
  };
}

type Opened = Awaited<ReturnType<typeof connect>>;

async function connect(url: string) {
  const [transport, client] = await Promise.all([import("@nats-io/transport-node"), import("@nats-io/jetstream")]);
  const connection = await transport.connect({
    servers: url.split(","),
    name: "hearth",
    timeout: DELIVERY_MS,
    maxReconnectAttempts: -1,
  });
  return { jetstream: client.jetstream(connection), close: () => connection.close() };
}
