import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { DocumentBuilder, SwaggerModule, getSchemaPath, type OpenAPIObject } from '@nestjs/swagger'
import { ProblemDto } from './problems/problem.dto.js'

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
      content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } },
    })
    .build()
  return SwaggerModule.createDocument(app, config, { extraModels: [ProblemDto] })
}
