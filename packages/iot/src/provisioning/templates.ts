import { type Database, onConflictAgain, UniqueViolation, type Write } from "@hearth/backplane";
import { type Clock, formatArn } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { Page } from "../storage/page.ts";
import type { Place } from "../storage/place.ts";
import { parseTemplate } from "./template.ts";
import {
  countTemplates,
  deleteTemplate,
  insertTemplate,
  listTemplates,
  readTemplate,
  type StoredTemplate,
  updateTemplate,
} from "./template-store.ts";

export interface TemplateInput {
  templateName: string;
  body: string;
  type?: StoredTemplate["type"];
  description?: string;
  enabled?: boolean;
  roleArn?: string;
  /** Name of the pre-provisioning hook. */
  hook?: string;
  /** Only devices that come with this claim certificate are admitted. */
  claimCertificateId?: string;
}

export interface TemplateChange {
  description?: string;
  enabled?: boolean;
  roleArn?: string;
  hook?: string | null;
}

export interface Templates {
  /** Throws `InvalidRequestException`, `LimitExceededException`, `ResourceAlreadyExistsException`. */
  create(at: Place, input: TemplateInput): Promise<void>;
  /**
   * The write of `create` for a batch of the caller's; a taken name is a `UniqueViolation`. Throws
   * `InvalidRequestException`.
   */
  planCreate(at: Place, input: TemplateInput): Write;
  /** Throws `ResourceNotFoundException`. */
  get(at: Place, templateName: string): Promise<StoredTemplate>;
  list(at: Place, after: string | undefined, limit: number): Promise<Page<StoredTemplate>>;
  /** What is undefined stays; a hook of `null` is removed. Throws `ResourceNotFoundException`. */
  update(at: Place, templateName: string, change: TemplateChange): Promise<void>;
  /** Throws `ResourceNotFoundException`. */
  remove(at: Place, templateName: string): Promise<void>;
}

const MOST_TEMPLATES = 256;

export const templateArn = (at: Place, templateName: string): string =>
  formatArn("iot", at.region, at.accountId, `provisioningtemplate/${templateName}`);

export function createTemplates({ database, clock }: { database: Database; clock: Clock }): Templates {
  function planCreate(at: Place, input: TemplateInput): Write {
    parseTemplate(input.body);
    const now = clock.now();
    return insertTemplate(at, {
      templateName: input.templateName,
      type: input.type ?? "FLEET_PROVISIONING",
      description: input.description ?? "",
      body: input.body,
      enabled: input.enabled ?? true,
      roleArn: input.roleArn ?? "",
      ...(input.hook === undefined ? {} : { hook: input.hook }),
      ...(input.claimCertificateId === undefined ? {} : { claimCertificateId: input.claimCertificateId }),
      createdAt: now,
      modifiedAt: now,
    });
  }

  async function get(at: Place, templateName: string): Promise<StoredTemplate> {
    const template = await readTemplate(database, at, templateName);
    if (!template) throw new ServiceError("ResourceNotFoundException", `Template ${templateName} not found`);
    return template;
  }

  return {
    planCreate,
    get,

    async create(at, input) {
      const write = planCreate(at, input);
      if ((await countTemplates(database, at)) >= MOST_TEMPLATES) {
        throw new ServiceError("LimitExceededException", `There are ${MOST_TEMPLATES} provisioning templates already`);
      }
      try {
        await database.commit([write]);
      } catch (error) {
        if (!(error instanceof UniqueViolation)) throw error;
        throw new ServiceError("ResourceAlreadyExistsException", `Template ${input.templateName} already exists`, {
          resourceId: input.templateName,
          resourceArn: templateArn(at, input.templateName),
        });
      }
    },

    list: (at, after, limit) => listTemplates(database, at, after, limit),

    update: (at, templateName, change) =>
      onConflictAgain(async () => {
        const { hook, ...template } = await get(at, templateName);
        const nextHook = change.hook === undefined ? hook : (change.hook ?? undefined);
        const next: StoredTemplate = {
          ...template,
          description: change.description ?? template.description,
          enabled: change.enabled ?? template.enabled,
          roleArn: change.roleArn ?? template.roleArn,
          ...(nextHook === undefined ? {} : { hook: nextHook }),
          modifiedAt: clock.now(),
        };
        await database.commit([updateTemplate(at, next)]);
      }),

    async remove(at, templateName) {
      await get(at, templateName);
      await database.commit([deleteTemplate(at, templateName)]);
    },
  };
}
