import { Module } from '@nestjs/common'
import { DoorPageController } from './door-page.controller.js'
import { PageController } from './page.controller.js'
import { PageFiles } from './page-files.js'

/** Serves the built dashboard, and the page for the door. */
@Module({ controllers: [PageController, DoorPageController], providers: [PageFiles] })
export class WebPageModule {}
