{%- set cellule = ['vague', 'perimetre_type', 'perimetre', 'axe', 'segment', 'question_code'] -%}
{%- set case = ['vague', 'ensemble', 'axe', 'segment', 'question_code'] -%}
{%- set cle = ['vague', 'perimetre_type', 'perimetre', 'axe', 'question_code'] -%}
{%- set lues = fromyaml(mesures()) | selectattr('profil', 'defined') | list -%}
with satisfaction as (
    select
        *,
        {{ motif_de() }} as motif
    from {{ ref('int_satisfaction') }}
    where
        segment <> 'NR'
        and statut <> 'Z'
),

estimation as (
    select *
    from {{ ref('int_estimation') }}
    where
        segment <> 'NR'
        and {{ a_des_colonnes('mesure', 'profil') }}
),

region as (
    select distinct
        vague,
        ensemble
    from {{ ref('int_perimetres') }}
    where
        methode = 'publie'
        and perimetre_type = 'region'
),

croises as (
    select * from {{ ref('int_croises') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

-- Le profil de la région : ce que chaque segment connu y pèse parmi ceux qui répondent à la question.
profil as (
    select
        {{ prises('estimation', ['vague', 'axe', 'segment', 'question_code', 'mesure']) }},
        estimation.moyenne as region,
        estimation.base_ponderee
        / {{ somme(
            'estimation.base_ponderee',
            '(partition by estimation.vague, estimation.axe, estimation.question_code, estimation.mesure)'
        ) }} as part
    from estimation
    inner join region
        on {{ memes('estimation', 'region', ['vague', 'ensemble']) }}
    where estimation.axe <> 'ensemble'
),

cellules as (
    select
        {{ prises('satisfaction', cellule) }},
        {{ prises('profil', ['mesure', 'part', 'region']) }},
        {{ prises('estimation', ['base_brute', 'base_ponderee', 'ddl', 'moyenne', 'erreur_type', 'variance_limite']) }},
        estimation.moyenne - estimation.centre as ecart,
        case
            when satisfaction.statut <> 'V'
                then {{ motif_d_une_autre('segment', 'satisfaction.motif', 'satisfaction.segment') }}
            when regionales.statut <> 'V'
                then {{ motif_d_une_autre('segment_region', 'regionales.motif', 'satisfaction.segment') }}
        end as motif
    from profil
    inner join satisfaction
        on {{ memes('profil', 'satisfaction', ['vague', 'axe', 'segment', 'question_code']) }}
    inner join satisfaction as regionales
        on
            profil.vague = regionales.vague
            and regionales.perimetre_type = 'region'
            and {{ memes('profil', 'regionales', ['axe', 'segment', 'question_code']) }}
    left join estimation
        on
            {{ memes('satisfaction', 'estimation', case) }}
            and profil.mesure = estimation.mesure
    where satisfaction.perimetre_type <> 'region'
),

-- Les segments d'un périmètre sont des domaines d'un même échantillon : leurs moyennes varient ensemble.
covariances as (
    select
        {{ prises('un', cle) }},
        un.mesure,
        -2 * {{ somme(
            'un.part * deux.part * (croises.r00 - un.ecart * croises.r01 - deux.ecart * croises.r10'
            ~ ' + un.ecart * deux.ecart * croises.r11) / (un.base_ponderee * deux.base_ponderee)'
        ) }} as covariance
    from cellules as un
    inner join croises
        on
            {{ memes('un', 'croises', cellule) }}
            and un.mesure = croises.mesure
    inner join cellules as deux
        on
            {{ memes('un', 'deux', cle) }}
            and un.mesure = deux.mesure
            and croises.segment_compare = deux.segment
    group by all
),

sommes as (
    select
        {{ cle | join(', ') }},
        mesure,
        {{ somme('part * moyenne') }} as profil,
        {{ somme('part * region') }} as region,
        {{ somme('part * part * erreur_type * erreur_type') }} as variance,
        cast(count(*) as bigint) as nb_segments,
        cast(sum(base_brute) as bigint) as base_brute,
        cast(sum(ddl) as bigint) as ddl_des_segments,
        -- en millionièmes : le carré d'une si petite variance n'aurait plus de chiffres en virgule fixe
        {{ somme('1e6 * part * part * variance_limite') }} as limite,
        {{ somme(carre_de_variance('1e6 * part * part * variance_limite', 'ddl')) }} as carres,
        min(case when motif is not null then segment end) as segment_motive,
        min_by(motif, case when motif is not null then segment end) as motif
    from cellules
    group by all
    having count(*) > 1
),

precises as (
    select
        sommes.*,
        {{ ddl_satterthwaite('sommes.ddl_des_segments', 'sommes.limite', 'sommes.carres') }} as ddl,
        {{ erreur_ecart('sommes.variance', 'coalesce(covariances.covariance, 0)') }} as erreur_type
    from sommes
    left join covariances
        on
            sommes.mesure = covariances.mesure
            and {{ memes('sommes', 'covariances', cle) }}
),

-- Une ligne par périmètre, axe et question : les mesures côte à côte.
cote_a_cote as (
    select
        {{ cle | join(', ') }},
        {%- for m in lues %}
        {%- for statistique in ['profil', 'region', 'erreur_type'] %}
        max(case when mesure = '{{ m.nom }}' then {{ statistique }} end) as {{ m.nom }}__{{ statistique }},
        {%- endfor %}
        {%- endfor %}
        max(nb_segments) as nb_segments,
        max(base_brute) as base_brute,
        max(ddl) as ddl,
        min_by(motif, segment_motive) as motif
    from precises
    group by all
),

juges as (
    select
        cote_a_cote.*,
        {%- for m in lues %}
        tous_{{ m.nom }}.moyenne as {{ m.nom }}__valeur,
        {%- endfor %}
        quantile_student(parametres.confiance, cote_a_cote.ddl) as t,
        coalesce(tous.motif, cote_a_cote.motif) as motif_du_profil
    from cote_a_cote
    cross join parametres
    inner join satisfaction as tous
        on
            {{ memes('cote_a_cote', 'tous', ['vague', 'perimetre_type', 'perimetre']) }}
            and tous.axe = 'ensemble'
            and cote_a_cote.question_code = tous.question_code
    {%- for m in lues %}
    left join estimation as tous_{{ m.nom }}
        on
            {{ memes('tous', 'tous_' ~ m.nom, case) }}
            and tous_{{ m.nom }}.mesure = '{{ m.nom }}'
    {%- endfor %}
),

nommes as (
    select
        {%- for m in lues %}
        {%- for colonne, statistique in m.profil.items() %}
        {{ ecart_publie(m, statistique, 'profil') }} as {{ colonne }},
        {%- endfor %}
        {%- endfor %}
        {{ statut_motif('motif_du_profil') }} as statut,
        {{ colonnes_motif('motif_du_profil', axe='juges.axe') }},
        *
    from juges
)

{{ masquer('nommes', pour='fct_profil_comparable') }}
