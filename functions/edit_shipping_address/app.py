"""GET and POST /stores/{store}/actions/edit-shipping-address: send an order elsewhere while that is possible."""

from typing import Annotated

from pydantic import AfterValidator, Field

from orderdesk import api, steps
from orderdesk.actions import ADDRESS
from orderdesk.operations.submitted import MAY_BE_EMPTY, Submitted

from . import action
from .address import single_spaced

# Shopify says which fields a country needs.
Line = Annotated[str, Field(max_length=255), MAY_BE_EMPTY, AfterValidator(single_spaced)]


class AddressForm(Submitted):
    """What the form sends back: the whole address but its country."""

    first_name: Annotated[Line, Field(title="First name")]
    last_name: Annotated[Line, Field(title="Last name")]
    company: Annotated[Line, Field(title="Company")]
    address1: Annotated[Line, Field(title="Address")]
    address2: Annotated[Line, Field(title="Apartment, suite, etc.")]
    city: Annotated[Line, Field(title="City")]
    province_code: Annotated[Line, Field(title="State or province code")]
    zip: Annotated[Line, Field(title="Postal code")]
    phone: Annotated[Line, Field(title="Phone")]


endpoint = steps.of_order(ADDRESS, AddressForm, action)
lambda_handler = api.handler(endpoint)
