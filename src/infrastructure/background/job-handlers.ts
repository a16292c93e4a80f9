import { Injectable, type OnModuleInit } from '@nestjs/common'
import { JobQueues } from '../queues/job-queues.js'
import { Clock } from '../time/clock.js'
import { BackgroundTasks } from './background-tasks.js'
import { DecoratedMethods } from './decorated-methods.js'
import { JOB_HANDLER, type JobHandlerOptions } from './job-handler.js'
import { JobHandlerTask } from './job-handler-task.js'

/** Registers the methods with `@JobHandler` as background tasks, wherever there are queues. */
@Injectable()
export class JobHandlers implements OnModuleInit {
  constructor(
    private readonly methods: DecoratedMethods,
    private readonly tasks: BackgroundTasks,
    private readonly queues: JobQueues,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    for (const method of this.methods.find<JobHandlerOptions<object, object>>(JOB_HANDLER))
      this.tasks.add(new JobHandlerTask(method, this.queues, this.clock))
  }
}
