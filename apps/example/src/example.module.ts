import { Module } from '@nestjs/common';
import { PyWorkflowModule } from 'nestjs-pyworkflow';
import { OrderSteps } from './order.steps.js';
import { OrderWorkflow } from './order.workflow.js';
import { OrdersController } from './orders.controller.js';

/** One module for all processes: the environment says what each of them does. */
@Module({
  imports: [PyWorkflowModule.forRoot()],
  controllers: [OrdersController],
  providers: [OrderWorkflow, OrderSteps],
})
export class ExampleModule {}
