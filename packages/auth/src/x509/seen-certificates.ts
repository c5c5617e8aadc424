/**
 * Certificates that were authenticated lately, by id: between authentication and authorization of an HTTPS request
 * travels the id only, and policies may look into the certificate.
 */
export interface SeenCertificates {
  remember(certificateId: string, der: Uint8Array): void;
  find(certificateId: string): Uint8Array | undefined;
}

const MOST_REMEMBERED = 1_000;

export function createSeenCertificates(): SeenCertificates {
  const seen = new Map<string, Uint8Array>();
  return {
    remember(certificateId, der) {
      // Again at the end: the one that waits longest goes first.
      seen.delete(certificateId);
      if (seen.size >= MOST_REMEMBERED) seen.delete(seen.keys().next().value as string);
      seen.set(certificateId, der);
    },
    find: (certificateId) => seen.get(certificateId),
  };
}
