import { Readable } from 'node:stream'
import { Controller, Get, Header, Param, StreamableFile } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger'
import { Roles } from '../../infrastructure/http/access.js'
import { ProofRecord } from './proof-record.js'

@ApiTags('events')
@ApiBearerAuth()
@Roles('VIEWER')
@Controller('events/:id')
export class ProofController {
  constructor(private readonly proof: ProofRecord) {}

  @Get('proof')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary:
      'Exports the proof: one JSON object per line, each with the hash of the line before (`npm run verify -- FILE`)',
  })
  @ApiProduces('application/x-ndjson')
  @ApiOkResponse({ schema: { type: 'string' } })
  async lines(@Param('id') id: string): Promise<StreamableFile> {
    return new StreamableFile(Readable.from(await this.proof.lines(id)), {
      type: 'application/x-ndjson; charset=utf-8',
      disposition: `attachment; filename="proof-${id.replaceAll(/\W/g, '')}.ndjson"`,
    })
  }
}
