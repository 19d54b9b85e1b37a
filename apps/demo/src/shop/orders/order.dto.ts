import { IsEmail, IsISO31661Alpha2, IsInt, IsNotEmpty, IsString, Matches, Max, Min } from 'class-validator';

/** An order as a customer sends it. Checked when the workflow is started; a bad one never becomes a run. */
export class OrderDto {
  @Matches(/^[\w-]{1,40}$/)
  readonly id!: string;

  @IsString()
  @IsNotEmpty()
  readonly customer!: string;

  @IsEmail()
  readonly email!: string;

  @IsISO31661Alpha2()
  readonly country!: string;

  @IsString()
  @IsNotEmpty()
  readonly product!: string;

  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly quantity!: number;

  /** The price of one, in cents. */
  @IsInt()
  @Min(1)
  readonly cents!: number;

  /** A token of the payment company: card numbers stay out of the shop and its histories. */
  @Matches(/^pm_\w{1,60}$/)
  readonly paymentMethod!: string;
}
