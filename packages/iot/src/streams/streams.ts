import { type Database, onConflictAgain, type Sealer, UniqueViolation } from "@hearth/backplane";
import { type Iot, type RequestContext, ServiceError } from "@hearth/contract";
import type { JobObjects, ObjectReader } from "../jobs/job-objects.ts";
import type { Page, TimeKey } from "../storage/page.ts";
import type { Place } from "../storage/place.ts";
import type { Taggable } from "../tags/taggable.ts";
import { type FileStream, type StreamedFile, type StreamKey, streamArn } from "./stream.ts";
import { deleteStream, insertStream, listStreams, readStream, updateStream } from "./stream-store.ts";

export interface StreamsDeps {
  database: Database;
  sealer: Sealer;
  objects: Pick<JobObjects, "head" | "checkRole">;
  profile: "standard" | "aws";
}

export interface NewStream {
  streamId: string;
  description?: string;
  files: readonly Iot.StreamFile[];
  roleArn: string;
  tags: Readonly<Record<string, string>>;
}

export interface Streams {
  /** Throws ResourceNotFoundException. */
  get(key: StreamKey): Promise<FileStream>;
  list(at: Place, ascending: boolean, after: TimeKey | undefined, limit: number): Promise<Page<FileStream>>;
  /** A new stream, checked, for a batch of somebody else's (`insertStream`). */
  newStream(at: Place, stream: NewStream, now: number): Promise<FileStream>;
  /** Throws ResourceAlreadyExistsException, InvalidRequestException, ResourceNotFoundException. */
  create(request: RequestContext, stream: NewStream): Promise<FileStream>;
  update(
    request: RequestContext,
    streamId: string,
    change: { description?: string; files?: readonly Iot.StreamFile[]; roleArn?: string },
  ): Promise<FileStream>;
  remove(key: StreamKey): Promise<void>;
  readonly taggable: Taggable;
}

/** AWS's quotas, under the profile `aws` (reference 2.1). */
const AWS_FILES = 10;
const AWS_FILE_BYTES = 24 * 1024 * 1024;
/** What the last block of the largest size reaches. */
const FILE_BYTES = 98_304 * 131_072;

const invalid = (message: string): ServiceError => new ServiceError("InvalidRequestException", message);

export const streamReader = (at: Place, streamId: string, roleArn: string): ObjectReader & { roleArn: string } => ({
  service: "iot.amazonaws.com",
  accountId: at.accountId,
  sourceArn: streamArn(at, streamId),
  roleArn,
});

export function createStreams(deps: StreamsDeps): Streams {
  const { database, objects, profile } = deps;

  async function get(key: StreamKey): Promise<FileStream> {
    const stream = await readStream(deps, key);
    if (!stream) throw new ServiceError("ResourceNotFoundException", `Stream ${key.streamId} not found`);
    return stream;
  }

  /** The files as they are now; each has to be there, and readable by the role. */
  async function taken(
    at: Place,
    streamId: string,
    roleArn: string,
    files: readonly Iot.StreamFile[],
  ): Promise<StreamedFile[]> {
    if (profile === "aws" && files.length > AWS_FILES) throw invalid(`files: at most ${AWS_FILES}`);
    const ids = new Set<number>();
    const named = files.map(({ fileId = 0, s3Location }) => {
      if (ids.has(fileId)) throw invalid(`files: the file id ${fileId} is there twice`);
      ids.add(fileId);
      const { bucket, key, version } = s3Location ?? {};
      if (bucket === undefined || key === undefined) throw invalid(`files: file ${fileId} has no bucket or key`);
      return { fileId, object: { bucket, key, ...(version === undefined ? {} : { versionId: version }) } };
    });
    return Promise.all(
      named.map(async ({ fileId, object }) => {
        const { size, etag } = await head(at, streamId, roleArn, object);
        const most = profile === "aws" ? AWS_FILE_BYTES : FILE_BYTES;
        if (size > most) throw invalid(`files: ${object.bucket}/${object.key} has more than ${most} bytes`);
        return { fileId, object, size, etag };
      }),
    );
  }

  async function head(at: Place, streamId: string, roleArn: string, object: StreamedFile["object"]) {
    try {
      return await objects.head(object, streamReader(at, streamId, roleArn));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const what = `${object.bucket}/${object.key}`;
      if (error.name.startsWith("NoSuch"))
        throw new ServiceError("ResourceNotFoundException", `There is no object ${what}`);
      if (!(error instanceof ServiceError)) throw error;
      throw invalid(`The role ${roleArn} cannot read ${what}: ${error.message}`);
    }
  }

  const streams: Streams = {
    get,
    list: (at, ascending, after, limit) => listStreams(deps, at, ascending, after, limit),

    async newStream({ accountId, region }, { streamId, description, files, roleArn, tags }, now) {
      const at = { accountId, region };
      const found = await taken(at, streamId, roleArn, files);
      return { ...at, streamId, version: 1, description, files: found, roleArn, tags, createdAt: now, updatedAt: now };
    },

    async create(request, given) {
      await objects.checkRole(request, given.roleArn);
      const stream = await streams.newStream(request, given, request.now);
      try {
        await database.commit([insertStream(deps, stream)]);
      } catch (error) {
        if (!(error instanceof UniqueViolation)) throw error;
        throw new ServiceError("ResourceAlreadyExistsException", `Stream ${stream.streamId} already exists`, {
          resourceId: stream.streamId,
          resourceArn: streamArn(request, stream.streamId),
        });
      }
      return stream;
    },

    async update(request, streamId, { description, files, roleArn }) {
      if (roleArn !== undefined) await objects.checkRole(request, roleArn);
      const key = { accountId: request.accountId, region: request.region, streamId };
      return onConflictAgain(async () => {
        const before = await get(key);
        const role = roleArn ?? before.roleArn;
        const next: FileStream = {
          ...before,
          version: before.version + 1,
          ...(description === undefined ? {} : { description }),
          ...(files === undefined ? {} : { files: await taken(key, streamId, role, files) }),
          roleArn: role,
          updatedAt: request.now,
        };
        await database.commit([updateStream(deps, before, next)]);
        return next;
      });
    },

    async remove(key) {
      await get(key);
      await database.commit([deleteStream(key)]);
    },

    taggable: {
      type: "stream",
      async find({ accountId, region }, streamId) {
        const stream = await readStream(deps, { accountId, region, streamId });
        // Tags are not the stream's own: they leave its version as it is.
        return stream && { tags: stream.tags, replace: (tags) => updateStream(deps, stream, { ...stream, tags }) };
      },
    },
  };
  return streams;
}
