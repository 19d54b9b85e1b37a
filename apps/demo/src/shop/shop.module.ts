import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { PyWorkflowModule } from 'nestjs-pyworkflow';
import { CustomerCare } from './care/customer-care.service.js';
import { ReviewsController } from './care/reviews.controller.js';
import { ApprovalsController } from './orders/approvals.controller.js';
import { OrderWorkflow } from './orders/order.workflow.js';
import { OrdersController } from './orders/orders.controller.js';
import { CarrierSteps } from './partners/carrier.steps.js';
import { MailSteps } from './partners/mail.steps.js';
import { PartnersClient } from './partners/partners.client.js';
import { PaymentSteps } from './partners/payment.steps.js';
import { WarehouseSteps } from './partners/warehouse.steps.js';
import { RefundsController } from './refunds/refunds.controller.js';
import { RefundWorkflow, SendMoneyBack } from './refunds/refund.workflow.js';
import { RunsController } from './runs.controller.js';
import { ShopConfig } from './shop.config.js';
import { StockCountWorkflow } from './warehouse/stock-count.workflow.js';
import { StockCountsController } from './warehouse/stock-counts.controller.js';
import { WorkflowErrorsFilter } from './workflow-errors.filter.js';

/** Workflows and steps are providers; the module finds them. */
@Module({
  imports: [
    // Where runs live is for the environment to say.
    PyWorkflowModule.forRoot(),
  ],
  controllers: [
    OrdersController,
    ApprovalsController,
    RefundsController,
    ReviewsController,
    StockCountsController,
    RunsController,
  ],
  providers: [
    OrderWorkflow,
    RefundWorkflow,
    StockCountWorkflow,
    CustomerCare,
    SendMoneyBack,
    WarehouseSteps,
    PaymentSteps,
    CarrierSteps,
    MailSteps,
    PartnersClient,
    ShopConfig,
    { provide: APP_FILTER, useClass: WorkflowErrorsFilter },
  ],
})
export class ShopModule {}
