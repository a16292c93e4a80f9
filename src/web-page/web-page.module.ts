import { Module } from '@nestjs/common'
import { PageController } from './page.controller.js'
import { PageFiles } from './page-files.js'

/** Serves the built dashboard. */
@Module({ controllers: [PageController], providers: [PageFiles] })
export class WebPageModule {}
