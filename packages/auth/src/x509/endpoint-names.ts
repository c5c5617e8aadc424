import { isIP } from "node:net";

/** The account that a TLS server name speaks of. */
export interface NamedAccount {
  accountId: string;
  region: string;
  /** False: certificates that this platform has issued may be of another account, since each is of one account only. */
  only: boolean;
}

/** How the hosts that devices connect to name their account (reference 1.1). */
export interface EndpointNames {
  /** What DescribeEndpoint answers: a host without a port. */
  endpointOf(at: { accountId: string; region: string }): string;
  /** Undefined: the client has sent no server name, or one that is of no account. */
  named(serverName: string | undefined): NamedAccount | undefined;
}

/** `a<account>-ats.iot.<region>.<host>`: the host is the client's own affair, since it has checked the certificate. */
const ENDPOINT = /^a(\d{12})-ats\.iot\.([a-z0-9-]{1,32})\./i;

/** The server certificate's name for the endpoints of all accounts below a host; undefined below an address. */
export const endpointWildcard = (host: string, region: string): string | undefined =>
  isName(host) ? `*.iot.${region}.${host}` : undefined;

const isName = (host: string): boolean => isIP(host) === 0 && /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(host);

/**
 * `publicHost` is the endpoint of the account `home`, every other account has one of its own below it. Without a public
 * host, or where that is an address, all have the host that is given and it names nobody.
 */
export function createEndpointNames(given: {
  publicHost: string;
  home: { accountId: string; region: string };
}): EndpointNames {
  const { home } = given;
  const publicHost = given.publicHost.toLowerCase();
  const names = publicHost !== "localhost" && isName(publicHost);
  return {
    endpointOf({ accountId, region }) {
      const plain = !names || (accountId === home.accountId && region === home.region);
      return plain ? given.publicHost : `a${accountId}-ats.iot.${region}.${publicHost}`;
    },
    named(serverName) {
      if (serverName === undefined) return undefined;
      const [, accountId, region] = ENDPOINT.exec(serverName) ?? [];
      if (accountId !== undefined && region !== undefined) {
        return { accountId, region: region.toLowerCase(), only: true };
      }
      return names && serverName.toLowerCase() === publicHost ? { ...home, only: false } : undefined;
    },
  };
}
