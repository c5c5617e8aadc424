import { type IotOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import { decodeToken } from "../storage/page.ts";
import type { ProvisioningHook } from "./provisioning-hook.ts";
import type { StoredTemplate } from "./template-store.ts";
import { type Templates, templateArn } from "./templates.ts";

/** Provisioning templates as API operations (reference 6). A template has one version. */
export interface TemplateOperationsDeps {
  templates: Templates;
  hooks: Readonly<Record<string, ProvisioningHook>>;
}

const PAGE = 25;
const VERSION = 1;

const onTemplate = (input: { templateName: string }, request: RequestContext): string[] => [
  templateArn(request, input.templateName),
];

export function createTemplateOperations({ templates, hooks }: TemplateOperationsDeps) {
  function hookOf(input: { preProvisioningHook?: { targetArn: string } }): string | undefined {
    const hook = input.preProvisioningHook?.targetArn;
    if (hook !== undefined && !Object.hasOwn(hooks, hook)) {
      throw new ServiceError("InvalidRequestException", `There is no pre-provisioning hook ${hook}`);
    }
    return hook;
  }

  return {
    CreateProvisioningTemplate: {
      resources: onTemplate,
      handle: async (input, request) => {
        if (input.type === "JITP") {
          throw new ServiceError("InvalidRequestException", "Templates of type JITP are not supported");
        }
        const hook = hookOf(input);
        await request.authorize("iam:PassRole", input.provisioningRoleArn);
        await templates.create(request, {
          templateName: input.templateName,
          body: input.templateBody,
          description: input.description,
          // AWS: a template is created disabled unless it says otherwise.
          enabled: input.enabled ?? false,
          roleArn: input.provisioningRoleArn,
          hook,
        });
        return {
          templateArn: templateArn(request, input.templateName),
          templateName: input.templateName,
          defaultVersionId: VERSION,
        };
      },
    },

    DescribeProvisioningTemplate: {
      resources: onTemplate,
      handle: async (input, request) => {
        const template = await templates.get(request, input.templateName);
        return {
          ...summary(template, request),
          defaultVersionId: VERSION,
          templateBody: template.body,
          provisioningRoleArn: template.roleArn === "" ? undefined : template.roleArn,
          preProvisioningHook: template.hook === undefined ? undefined : { targetArn: template.hook },
        };
      },
    },

    ListProvisioningTemplates: {
      handle: async (input, request) => {
        const [after] = decodeToken(input.nextToken) ?? [];
        const page = await templates.list(request, after, input.maxResults ?? PAGE);
        return { templates: page.rows.map((template) => summary(template, request)), nextToken: page.nextToken };
      },
    },

    UpdateProvisioningTemplate: {
      resources: onTemplate,
      handle: async (input, request) => {
        const hook = hookOf(input);
        if (input.removePreProvisioningHook && hook !== undefined) {
          throw new ServiceError("InvalidRequestException", "removePreProvisioningHook excludes preProvisioningHook");
        }
        if (input.defaultVersionId !== undefined && input.defaultVersionId !== VERSION) {
          throw new ServiceError("InvalidRequestException", `The template has no version ${input.defaultVersionId}`);
        }
        if (input.provisioningRoleArn !== undefined) {
          await request.authorize("iam:PassRole", input.provisioningRoleArn);
        }
        await templates.update(request, input.templateName, {
          description: input.description,
          enabled: input.enabled,
          roleArn: input.provisioningRoleArn,
          hook: input.removePreProvisioningHook ? null : hook,
        });
        return {};
      },
    },

    DeleteProvisioningTemplate: {
      resources: onTemplate,
      handle: async (input, request) => {
        await templates.remove(request, input.templateName);
        return {};
      },
    },
  } satisfies OperationTable<IotOperations>;
}

const summary = (template: StoredTemplate, request: RequestContext) => ({
  templateArn: templateArn(request, template.templateName),
  templateName: template.templateName,
  description: template.description,
  creationDate: template.createdAt / 1000,
  lastModifiedDate: template.modifiedAt / 1000,
  enabled: template.enabled,
  type: template.type,
});
