import { clientsIn } from "./client.ts";
import { WebSha256 } from "./web-sha256.ts";

/**
 * In a browser: WebCrypto signs (on pages of https and localhost; elsewhere browsers have none), and endpoint, region and
 * credentials must be given, for there is nowhere to look for them.
 */
export const createClient = clientsIn({
  sha256: WebSha256,
  settings({ endpoint, region, credentials }) {
    if (!endpoint || !region || !credentials) throw new Error("Give endpoint, region and credentials.");
    return { endpoint, region, credentials };
  },
});

export { ServiceException } from "./answer.ts";
export type { ClientOptions, CreateClient, CredentialProvider, Credentials } from "./client.ts";
export type { Client, Methods, Paginated, ServiceClient, ServiceOperations } from "./operations.ts";
