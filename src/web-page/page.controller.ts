import { randomBytes } from 'node:crypto'
import { Controller, Get, Param, Req, Res } from '@nestjs/common'
import { ApiExcludeController } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { NotFound } from '../domain/errors.js'
import { Public } from '../infrastructure/http/access.js'
import { PageFiles } from './page-files.js'
import { sendFile } from './send-file.js'

const CACHE_ONE_YEAR = 'public, max-age=31536000, immutable'
const NONCE = '__STYLE_NONCE__'

/** The dashboard. The page itself is public, including its login form; all data comes from the API. */
@ApiExcludeController()
@Public()
@Controller()
export class PageController {
  constructor(private readonly files: PageFiles) {}

  @Get()
  async page(@Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer> {
    const file = await this.files.get('index.html')
    if (!file) throw new NotFound('There is nothing at this address.')
    const nonce = randomBytes(18).toString('base64')
    void reply.header('content-type', file.type).header('cache-control', 'no-store')
    allowStyles(reply, nonce)
    return Buffer.from(file.body.toString('utf8').replaceAll(NONCE, nonce))
  }

  /** Names contain a hash of the content, so that responses can be cached. */
  @Get('assets/:name')
  async asset(
    @Param('name') name: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    return sendFile(request, reply, await this.files.get(`assets/${name}`), CACHE_ONE_YEAR)
  }
}

/** Style sheets that the page's components create at run time carry this nonce; scripts get none. */
function allowStyles(reply: FastifyReply, nonce: string): void {
  const policy = String(reply.getHeader('content-security-policy') ?? '')
  void reply.header('content-security-policy', policy.replace("style-src 'self'", `style-src 'self' 'nonce-${nonce}'`))
}
