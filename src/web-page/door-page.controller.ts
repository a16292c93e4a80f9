import { Controller, Get, Redirect, Req, Res } from '@nestjs/common'
import { ApiExcludeController } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Public } from '../infrastructure/http/access.js'
import { PageFiles } from './page-files.js'
import { sendFile } from './send-file.js'

/** Requested each time: a new version is used at once. */
const REVALIDATED = 'no-cache'

/** The page for a phone at the door. Public, as the dashboard: all data comes from the API. Its service worker controls /door/ only. */
@ApiExcludeController()
@Public()
@Controller('door')
export class DoorPageController {
  constructor(private readonly files: PageFiles) {}

  /** Outside the scope of the service worker, which ends with a slash: to the page without an event. */
  @Get()
  @Redirect('/door/start', 308)
  toStart(): void {}

  @Get(':eventId')
  async page(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer> {
    allowDecoder(reply)
    return sendFile(request, reply, await this.files.get('door.html'), REVALIDATED)
  }

  @Get('worker.js')
  async worker(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer> {
    return sendFile(request, reply, await this.files.get('door/worker.js'), REVALIDATED)
  }

  @Get('manifest.webmanifest')
  async manifest(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer> {
    return sendFile(request, reply, await this.files.get('door/manifest.webmanifest'), REVALIDATED)
  }
}

/** The reader of barcodes is WebAssembly, where the browser has none of its own. Scripts stay restricted to ours. */
function allowDecoder(reply: FastifyReply): void {
  const policy = String(reply.getHeader('content-security-policy') ?? '')
  void reply.header(
    'content-security-policy',
    policy.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"),
  )
}
