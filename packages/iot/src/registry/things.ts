import { type Bus, type Database, onConflictAgain, WriteConflict } from "@hearth/backplane";
import { type Clock, uuid } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import { noCertificate } from "../credentials/certificate.ts";
import { readCertificate, touchCertificate } from "../credentials/certificate-store.ts";
import { permissionsChanged } from "../messaging/message.ts";
import type { Page } from "../storage/page.ts";
import type { Place } from "../storage/place.ts";
import type { Planned } from "../storage/planned.ts";
import {
  changeThing,
  checkAttributes,
  checkThingName,
  noThing,
  sameThing,
  type Thing,
  type ThingChange,
  type ThingInput,
  thingArn,
} from "./thing.ts";
import {
  type Attachment,
  type AttachmentFilter,
  attachmentsOfCertificate,
  attachmentsOfThing,
  deleteAttachment,
  deleteAttachmentsTo,
  deleteThing,
  insertAttachment,
  insertThing,
  listThings,
  type PrincipalType,
  readThing,
  type ThingFilter,
  touchThing,
  updateThing,
} from "./thing-store.ts";

export interface ThingsDeps {
  database: Database;
  bus: Bus;
  clock: Clock;
  /** What else goes with a thing, for the batch by which it goes: its groups, its jobs. */
  leaving(at: Place, thingName: string): Promise<Planned>;
}

export interface Things {
  /** Idempotent for identical values; throws `ResourceAlreadyExistsException` for others. */
  create(at: Place, input: ThingInput): Promise<Thing>;
  /** A new thing, checked, for a batch of somebody else's (`insertThing`). */
  newThing(input: ThingInput): Thing;
  /** Throws `ResourceNotFoundException`. */
  get(at: Place, thingName: string): Promise<Thing>;
  list(at: Place, filter: ThingFilter, after: string | undefined, limit: number): Promise<Page<Thing>>;
  /** Throws `ResourceNotFoundException`, `VersionConflictException`. */
  update(at: Place, thingName: string, change: ThingChange): Promise<void>;
  /**
   * A thing that is not there counts as deleted. Throws `VersionConflictException`, and `InvalidRequestException` while
   * principals are attached.
   */
  remove(at: Place, thingName: string, expectedVersion?: number): Promise<void>;
  /** Removal with its attachments, for a batch of the caller's. No writes when it is gone. On `WriteConflict` plan again. */
  planRemoval(at: Place, thingName: string): Promise<Planned>;
  /** Throws `ResourceNotFoundException`, and `InvalidRequestException` against an exclusive attachment. */
  attach(at: Place, thingName: string, certificateId: string, type: PrincipalType): Promise<void>;
  /** Throws `ResourceNotFoundException`. */
  detach(at: Place, thingName: string, certificateId: string): Promise<void>;
  principals(at: Place, thingName: string, filter: AttachmentFilter): Promise<Page<Attachment>>;
  thingsOf(at: Place, certificateId: string, filter: AttachmentFilter): Promise<Page<Attachment>>;
}

/** So many certificates of a thing are told one by one when it changes; beyond it, the whole account looks again. */
const TOLD_ONE_BY_ONE = 100;

export function createThings({ database, bus, clock, leaving }: ThingsDeps): Things {
  async function stored(at: Place, thingName: string) {
    const thing = await readThing(database, at, thingName);
    if (!thing) throw noThing(thingName);
    return thing;
  }

  function newThing(input: ThingInput): Thing {
    checkThingName(input.thingName);
    return {
      thingName: input.thingName,
      thingId: uuid(),
      version: 1,
      attributes: checkAttributes(input.attributes ?? {}),
      createdAt: clock.now(),
    };
  }

  const changed = (at: Place, certificateIds: readonly string[]): void => {
    if (certificateIds.length === 0) return;
    const some = certificateIds.length <= TOLD_ONE_BY_ONE;
    bus.publish(permissionsChanged, { accountId: at.accountId, ...(some ? { certificateIds } : {}) });
  };

  /** One more than are told one by one, if there are so many. */
  async function certificatesOf(at: Place, thingName: string): Promise<string[]> {
    const page = await attachmentsOfThing(database, at, thingName, { limit: TOLD_ONE_BY_ONE + 1 });
    return page.rows.map((row) => row.certificateId);
  }

  return {
    newThing,
    get: stored,

    create: (at, input) =>
      onConflictAgain(async () => {
        const thing = newThing(input);
        const known = await readThing(database, at, input.thingName);
        if (known) return sameThing(known, thing.attributes, thingArn(at, thing.thingName));
        await database.commit(insertThing(at, thing));
        return thing;
      }),

    list: (at, filter, after, limit) => listThings(database, at, filter, after, limit),

    async update(at, thingName, change) {
      await onConflictAgain(async () => {
        const thing = await stored(at, thingName);
        await database.commit(updateThing(at, thing.revision, changeThing(thing, change)));
      });
      changed(at, await certificatesOf(at, thingName));
    },

    remove: (at, thingName, expectedVersion) =>
      onConflictAgain(async () => {
        const thing = await readThing(database, at, thingName);
        if (!thing) return;
        if (expectedVersion !== undefined) changeThing(thing, { expectedVersion });
        const attached = await attachmentsOfThing(database, at, thingName, { limit: 1 });
        if (attached.rows.length > 0) {
          throw new ServiceError(
            "InvalidRequestException",
            `Cannot delete. Thing ${thingName} is still attached to one or more principals`,
          );
        }
        const others = await leaving(at, thingName);
        await database.commit([...deleteThing(at, thing), ...others.writes]);
        others.committed();
      }),

    async planRemoval(at, thingName) {
      const thing = await readThing(database, at, thingName);
      // What is not registered may have been chosen by a job nevertheless.
      if (!thing) return leaving(at, thingName);
      const [certificates, others] = await Promise.all([certificatesOf(at, thingName), leaving(at, thingName)]);
      return {
        writes: [...deleteThing(at, thing), deleteAttachmentsTo(at, thingName), ...others.writes],
        committed() {
          changed(at, certificates);
          others.committed();
        },
      };
    },

    async attach(at, thingName, certificateId, principalType) {
      await onConflictAgain(async () => {
        await stored(at, thingName);
        const certificate = await readCertificate(database, at, certificateId);
        if (!certificate) throw noCertificate(certificateId);
        const others = (await attachmentsOfCertificate(database, at, certificateId, { limit: 2 })).rows.filter(
          (attachment) => attachment.thingName !== thingName,
        );
        if (others.some((other) => other.principalType === "EXCLUSIVE_THING")) {
          throw new ServiceError("InvalidRequestException", "The principal is exclusively attached to another thing");
        }
        if (principalType === "EXCLUSIVE_THING" && others.length > 0) {
          throw new ServiceError("InvalidRequestException", "The principal is attached to another thing");
        }
        await database.commit([
          touchThing(at, thingName),
          touchCertificate(certificate),
          insertAttachment(at, { thingName, certificateId, principalType }),
        ]);
      });
      changed(at, [certificateId]);
    },

    async detach(at, thingName, certificateId) {
      await stored(at, thingName);
      const notAttached = () =>
        new ServiceError("ResourceNotFoundException", `The principal is not attached to thing ${thingName}`);
      try {
        await database.commit([deleteAttachment(at, thingName, certificateId)]);
      } catch (error) {
        throw error instanceof WriteConflict ? notAttached() : error;
      }
      changed(at, [certificateId]);
    },

    async principals(at, thingName, filter) {
      await stored(at, thingName);
      return attachmentsOfThing(database, at, thingName, filter);
    },

    thingsOf: (at, certificateId, filter) => attachmentsOfCertificate(database, at, certificateId, filter),
  };
}
