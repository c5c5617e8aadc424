import { BoundedMap, type Clock } from "@hearth/base";
import { type RequestContext, ServiceError } from "@hearth/contract";
import { checkDocument, DOCUMENT_BYTES, presignedIn, withParameters, withUrls } from "./document.ts";
import type { Job } from "./job.ts";
import { jobArn } from "./job-arn.ts";
import { invalid } from "./job-checks.ts";
import type { JobObjects } from "./job-objects.ts";
import type { JobObserver } from "./job-observer.ts";

/** Signed addresses that are kept for the next device. */
const CACHED_URLS = 10_000;

/** Where documents come from, and what devices get of them. */
export interface JobDocuments {
  /** The text of an object, read as the caller himself. Throws InvalidRequestException. */
  read(request: RequestContext, source: string): Promise<string>;
  /** Checks a document with the job's parameters and role. Throws InvalidRequestException. */
  check(text: string, parameters: Readonly<Record<string, string>> | undefined, signs: boolean): void;
  /** The document for a device: parameters and presigned URLs put in. */
  render(job: Job): Promise<string>;
}

export function createJobDocuments(deps: {
  objects: JobObjects;
  clock: Clock;
  observers: () => readonly JobObserver[];
}): JobDocuments {
  const { objects, clock } = deps;
  const signed = new BoundedMap<string, { url: string; until: number }>(CACHED_URLS);

  /** One signature serves all devices for half its time, so that each has the other half for its download. */
  async function urlOf(address: string, job: Job): Promise<string> {
    const { presign } = job.rules;
    const object = objects.locate(address);
    if (presign === undefined || object === undefined) {
      throw new ServiceError("InvalidRequestException", `The job has no role that could sign ${address}`);
    }
    const { accountId } = job;
    const key = [accountId, job.region, job.jobId, presign.roleArn, presign.expiresInSec, address].join("\n");
    const known = signed.get(key);
    if (known !== undefined && known.until > clock.now()) return known.url;
    const reader = { service: "iot.amazonaws.com", accountId, sourceArn: jobArn(job, job.jobId) } as const;
    const url = await objects.presign(object, { ...reader, roleArn: presign.roleArn }, presign.expiresInSec);
    signed.set(key, { url, until: clock.now() + presign.expiresInSec * 500 });
    return url;
  }

  return {
    async read(request, source) {
      const object = objects.locate(source);
      if (object === undefined) throw invalid(`documentSource: ${source.slice(0, 200)} is no address of an object`);
      let bytes: Uint8Array;
      try {
        bytes = await objects.readAs(request, object, DOCUMENT_BYTES);
      } catch (error) {
        const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        throw invalid(`documentSource: the object ${object.bucket}/${object.key} cannot be read (${why})`);
      }
      try {
        return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      } catch {
        throw invalid(`documentSource: the object ${object.bucket}/${object.key} is not UTF-8`);
      }
    },

    check(text, parameters = {}, signs) {
      const { parameters: used } = checkDocument(text);
      for (const name of used) {
        if (!Object.hasOwn(parameters, name)) throw invalid(`documentParameters: ${name} is missing`);
      }
      for (const name of Object.keys(parameters)) {
        if (!used.has(name)) throw invalid(`documentParameters: the document has no placeholder for ${name}`);
      }
      const { presigned } = checkDocument(withParameters(text, parameters));
      for (const address of presigned) {
        if (objects.locate(address) === undefined) {
          throw invalid(
            `The job document asks for a URL of ${address.slice(0, 200)}, which is no address of an object`,
          );
        }
        if (!signs) throw invalid("presignedUrlConfig: the document has placeholders that need roleArn");
      }
    },

    async render(job) {
      const keeper = deps.observers().find(({ owner, document }) => owner === job.owner && document !== undefined);
      const document = (await keeper?.document?.(job)) ?? job.document;
      const text = withParameters(document, job.rules.documentParameters ?? {});
      const addresses = presignedIn(text);
      if (addresses.size === 0) return text;
      const urls = await Promise.all(
        [...addresses].map(async (address) => [address, await urlOf(address, job)] as const),
      );
      return withUrls(text, new Map(urls));
    },
  };
}
