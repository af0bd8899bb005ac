{%- set pas = 5 -%}
with parametres as (
    select * from {{ ref('stg_parametres') }}
),

chiffres as (
    {%- for chiffre in range(10) %}
    select {{ chiffre }} as chiffre
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

degres as (
    select cast(100 * centaines.chiffre + 10 * dizaines.chiffre + unites.chiffre as bigint) as ddl
    from chiffres as centaines
    cross join chiffres as dizaines
    cross join chiffres as unites
),

depart as (
    select
        degres.ddl,
        1 - parametres.confiance as risque,
        case
            -- 1 et 2 degrés de liberté ont un quantile en forme close ; le développement n'y vaut rien
            when degres.ddl = 1 then tan(1.5707963267948966 * parametres.confiance)
            when degres.ddl = 2
                then
                    parametres.confiance
                    * sqrt(2 / (1 - parametres.confiance * parametres.confiance))
            else {{ cornish_fisher('parametres.quantile_confiance', 'degres.ddl') }}
        end as quantile_0
    from degres
    cross join parametres
    where degres.ddl between 1 and {{ ddl_tabules() - 1 }}
),

{% for etape in range(1, pas + 1) -%}
{#- Newton : la queue est convexe, chaque pas double les chiffres justes. -#}
arguments_{{ etape }} as (
    select
        *,
        {{ arguments_student('quantile_' ~ (etape - 1), 'ddl') }}
    from {{ 'depart' if etape == 1 else 'pas_' ~ (etape - 1) }}
),

pas_{{ etape }} as (
    select
        ddl,
        risque,
        case
            when ddl <= 2 then quantile_{{ etape - 1 }}
            else
                quantile_{{ etape - 1 }}
                + ({{ p_student('quantile_' ~ (etape - 1)) }} - risque)
                / (2 * {{ densite_student('quantile_' ~ (etape - 1), 'ddl') }})
        end as quantile_{{ etape }}
    from arguments_{{ etape }}
){{ ',' if not loop.last }}

{% endfor -%}
select
    ddl,
    quantile_{{ pas }} as quantile
from pas_{{ pas }}
