import { Controller, Get, Global, Header, Module, UseGuards } from '@nestjs/common'
import { ApiExcludeController } from '@nestjs/swagger'
import { Public } from '../http/access.js'
import { MetricsAccess } from './metrics-access.js'
import { Metrics } from './metrics.js'

@ApiExcludeController()
@Controller('metrics')
class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Public()
  @UseGuards(MetricsAccess)
  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async scrape(): Promise<string> {
    return this.metrics.render()
  }
}

@Global()
@Module({
  controllers: [MetricsController],
  providers: [{ provide: Metrics, useFactory: () => new Metrics().addProcessMetrics() }],
  exports: [Metrics],
})
export class MetricsModule {}
