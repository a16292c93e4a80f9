import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { DocumentBuilder, SwaggerModule, getSchemaPath, type OpenAPIObject } from '@nestjs/swagger'
import { ProblemDto } from './problems/problem.dto.js'

const PROBLEM = { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } }

/** Serves the page at /docs and the document at /docs-json, generated at the first request. */
export function serveOpenApi(app: NestFastifyApplication): void {
  let document: OpenAPIObject | undefined
  SwaggerModule.setup('docs', app, () => (document ??= describeApi(app)), {
    jsonDocumentUrl: 'docs-json',
    customSiteTitle: 'Traffic Police API',
  })
}

function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Traffic Police')
    .setDescription('Sells one event on Meetup, Eventbrite, Luma and directly without overselling it.')
    .setVersion('1')
    .addBearerAuth()
    .addSecurityRequirements('bearer')
    .addGlobalResponse({
      status: 'default',
      description: 'A problem',
      content: PROBLEM,
    })
    .build()
  return withProblems(SwaggerModule.createDocument(app, config, { extraModels: [ProblemDto] }))
}

/** Refusals are problems, also where only their codes are described. */
function withProblems(document: OpenAPIObject): OpenAPIObject {
  for (const path of Object.values(document.paths)) {
    for (const operation of [path.get, path.post, path.patch, path.delete]) {
      for (const [status, response] of Object.entries(operation?.responses ?? {}))
        if (response && !('$ref' in response) && Number(status) >= 400) response.content ??= PROBLEM
    }
  }
  return document
}
