import { Hash } from "@smithy/hash-node";
import { type CredentialProvider, clientsIn } from "./client.ts";

/** The standard chain: environment, shared files, web identity, container, instance. Loaded when it is asked first. */
const standardChain = (): CredentialProvider => {
  let chain: Promise<CredentialProvider> | undefined;
  return async () => {
    chain ??= import("@aws-sdk/credential-provider-node").then(({ defaultProvider }) => defaultProvider());
    return (await chain)();
  };
};

/** On Node. What options leave unset comes from where every AWS tool looks for it. */
export const createClient = clientsIn({
  sha256: Hash.bind(null, "sha256"),
  settings({ endpoint, region, credentials }) {
    const { AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION } = process.env;
    const found = { endpoint: endpoint ?? AWS_ENDPOINT_URL, region: region ?? AWS_REGION ?? AWS_DEFAULT_REGION };
    if (!found.endpoint) throw new Error("No endpoint: give one, or set AWS_ENDPOINT_URL.");
    if (!found.region) throw new Error("No region: give one, or set AWS_REGION.");
    return { endpoint: found.endpoint, region: found.region, credentials: credentials ?? standardChain() };
  },
});

export { ServiceException } from "./answer.ts";
export type { ClientOptions, CreateClient, CredentialProvider, Credentials } from "./client.ts";
export type { Client, Methods, Paginated, ServiceClient, ServiceOperations } from "./operations.ts";
