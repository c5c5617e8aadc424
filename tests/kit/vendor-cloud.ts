import { Agent } from "node:https";
import { startVendorCloud, type VendorCloudOptions } from "@hearth/vendor-cloud";
import { makeCa, type Signed } from "./certificate-authority.ts";
import { tlsFetch } from "./tls-fetch.ts";

/** A vendor's cloud on a free port of 127.0.0.1, under a CA of its own, and the `fetch` that trusts that. */
export async function startTestVendor(options: Omit<VendorCloudOptions, "key" | "certificate">) {
  const ca = await makeCa("CN=Vendor Test CA");
  const server: Signed = await ca.sign("CN=vendor", { addresses: ["127.0.0.1"] });
  const cloud = await startVendorCloud({
    webhookCa: ca.certificate,
    ...options,
    key: server.privateKey,
    certificate: server.certificate,
  });
  const agent = new Agent({ keepAlive: true });
  return {
    cloud,
    /** PEM of the CA. */
    ca: ca.certificate,
    /** Its certificate for 127.0.0.1, for whoever receives webhooks. */
    server,
    fetch: tlsFetch({ ca: ca.certificate, agent }),
    async stop(): Promise<void> {
      agent.destroy();
      await cloud.stop();
    },
  };
}
