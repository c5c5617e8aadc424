import { type IotOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import { decodeToken, toPage } from "../../storage/page.ts";
import { jobTemplateArn } from "../job-arn.ts";
import { membersOf } from "../job-checks.ts";
import type { JobTemplates } from "./job-templates.ts";
import { MANAGED_VERSION, managedTemplateArn, managedTemplates } from "./managed-templates.ts";

const PAGE = 25;
/** Where the handlers of the managed templates run. */
const ENVIRONMENTS = ["LINUX"];

const onTemplate = ({ jobTemplateId }: { jobTemplateId: string }, request: RequestContext): string[] => [
  jobTemplateArn(request, jobTemplateId),
];

export function createTemplateOperations({ templates }: { templates: JobTemplates }) {
  return {
    CreateJobTemplate: {
      resources: onTemplate,
      handle: async (input, request) => {
        const { templateId } = await templates.create(request, input);
        return { jobTemplateArn: jobTemplateArn(request, templateId), jobTemplateId: templateId };
      },
    },

    DescribeJobTemplate: {
      resources: onTemplate,
      handle: async ({ jobTemplateId }, request) => {
        const template = await templates.get(request, jobTemplateId);
        return {
          jobTemplateArn: jobTemplateArn(request, jobTemplateId),
          jobTemplateId,
          description: template.description,
          documentSource: template.documentSource,
          document: template.document,
          createdAt: template.createdAt / 1_000,
          ...membersOf(template.rules),
          maintenanceWindows: template.rules.windows,
        };
      },
    },

    ListJobTemplates: {
      handle: async (input, request) => {
        const page = await templates.list(request, decodeToken(input.nextToken)?.[0], input.maxResults ?? PAGE);
        return {
          jobTemplates: page.rows.map(({ templateId, description, createdAt }) => ({
            jobTemplateArn: jobTemplateArn(request, templateId),
            jobTemplateId: templateId,
            description,
            createdAt: createdAt / 1_000,
          })),
          nextToken: page.nextToken,
        };
      },
    },

    DeleteJobTemplate: {
      resources: onTemplate,
      handle: async ({ jobTemplateId }, request) => {
        await templates.remove(request, jobTemplateId);
        return {};
      },
    },

    DescribeManagedJobTemplate: {
      handle: async ({ templateName, templateVersion = MANAGED_VERSION }, request) => {
        const template = managedTemplates.find((managed) => managed.templateName === templateName);
        if (!template || templateVersion !== MANAGED_VERSION) {
          throw new ServiceError(
            "ResourceNotFoundException",
            `Managed job template ${templateName} ${templateVersion} not found`,
          );
        }
        return {
          templateName,
          templateArn: managedTemplateArn(request.region, template),
          description: template.description,
          templateVersion: MANAGED_VERSION,
          environments: ENVIRONMENTS,
          documentParameters: template.parameters,
          document: template.document,
        };
      },
    },

    ListManagedJobTemplates: {
      handle: async (input, request) => {
        const [after = ""] = decodeToken(input.nextToken) ?? [];
        const limit = input.maxResults ?? PAGE;
        if (
          input.templateName !== undefined &&
          !managedTemplates.some((managed) => managed.templateName === input.templateName)
        ) {
          throw new ServiceError("ResourceNotFoundException", `Managed job template ${input.templateName} not found`);
        }
        const found = managedTemplates
          .filter(({ templateName }) => input.templateName === undefined || templateName === input.templateName)
          .filter(({ templateName }) => templateName > after);
        const page = toPage(found.slice(0, limit + 1), limit, ({ templateName }) => [templateName]);
        return {
          managedJobTemplates: page.rows.map((template) => ({
            templateArn: managedTemplateArn(request.region, template),
            templateName: template.templateName,
            description: template.description,
            environments: ENVIRONMENTS,
            templateVersion: MANAGED_VERSION,
          })),
          nextToken: page.nextToken,
        };
      },
    },
  } satisfies OperationTable<IotOperations>;
}
