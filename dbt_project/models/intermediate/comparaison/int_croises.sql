with covariances as (
    select * from {{ ref('int_covariances') }}
),

membres as (
    select distinct
        vague,
        perimetre_type,
        perimetre,
        organisme_code
    from {{ ref('int_perimetres') }}
    where methode = 'publie'
)

-- Les termes de covariance s'ajoutent d'un organisme à l'autre, comme ceux de la variance.
select
    membres.vague,
    membres.perimetre_type,
    membres.perimetre,
    covariances.axe,
    covariances.segment,
    covariances.segment_compare,
    covariances.question_code,
    covariances.mesure,
    min(covariances.centre) as centre,
    {%- for terme in ['r00', 'r01', 'r10', 'r11'] %}
    {{ somme('covariances.' ~ terme) }} as {{ terme }},
    {%- endfor %}
    cast(sum(covariances.nb_strates_communes) as bigint) as nb_strates_communes
from membres
inner join covariances
    on
        membres.vague = covariances.vague
        and membres.organisme_code = covariances.organisme_code
group by
    membres.vague,
    membres.perimetre_type,
    membres.perimetre,
    covariances.axe,
    covariances.segment,
    covariances.segment_compare,
    covariances.question_code,
    covariances.mesure
